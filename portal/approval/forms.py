"""What an administrator may answer."""

from datetime import date, timedelta

from django import forms
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from consent.models import ApprovalLink
from consent.replies import MOST_CHARACTERS
from portal.public.forms import Address


class DeclineForm(forms.Form):
    """Why not."""

    reason = forms.ChoiceField(
        choices=ApprovalLink.Reason.choices,
        error_messages={"required": _("Choose a reason, so that we can react.")},
    )
    note = forms.CharField(required=False, max_length=500)


class LaterForm(forms.Form):
    """When to ask again."""

    until = forms.DateField(
        error_messages={"invalid": _("Choose a date."), "required": _("Choose a date.")}
    )
    note = forms.CharField(required=False, max_length=500)

    def clean_until(self) -> date:
        """A day from tomorrow on, at most 30 days ahead, while the link lives."""
        until: date = self.cleaned_data["until"]
        today = timezone.localdate()
        if not today < until <= today + timedelta(days=30):
            raise forms.ValidationError(_("Choose a day from tomorrow on, at most 30 days ahead."))
        return until


class AskForm(forms.Form):
    """A question to our support."""

    message = forms.CharField(
        max_length=MOST_CHARACTERS,
        error_messages={
            "required": _("Write your question first."),
            "max_length": _("Use at most 5,000 characters."),
        },
    )


class ForwardForm(forms.Form):
    """A colleague's address."""

    email = Address(error_messages={"required": _("We need your colleague's e-mail address.")})
