"""What agents type."""

from django import forms
from django.utils.translation import gettext_lazy as _

from consent.replies import MOST_CHARACTERS
from portal.public.forms import Address, App, Pasted


class NewTicketForm(forms.Form):
    """A ticket for somebody who called or wrote."""

    email = Address(error_messages={"required": _("Whose connection is blocked?")})
    app = App(error_messages={"required": _("Choose the app.")})
    pasted = Pasted()
    admin_email = Address(required=False)
    note = forms.CharField(required=False, max_length=500)


class WordsForm(forms.Form):
    """A reply or a note."""

    message = forms.CharField(
        max_length=MOST_CHARACTERS,
        error_messages={
            "required": _("Write something first."),
            "max_length": _("Use at most 5,000 characters."),
        },
    )


class SendForm(forms.Form):
    """To whom a link goes."""

    email = Address(error_messages={"required": _("To which administrator?")})
