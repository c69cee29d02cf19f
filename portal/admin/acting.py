"""Runs a service on each chosen row and says what came of it."""

from collections.abc import Callable, Iterable

from django import forms
from django.contrib import messages
from django.contrib.admin.helpers import ActionForm
from django.db.models import Model
from django.http import HttpRequest
from django.template.loader import render_to_string
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from consent.errors import DomainError


class NotHere(Exception):
    """The row has nothing on which the action could work; the text says what is missing."""


class RecipientForm(ActionForm):
    """The choice of an action, with an address for those that need one."""

    email = forms.CharField(
        required=False,
        label=_("Administrator's address, to send a link:"),
        widget=forms.EmailInput(attrs={"autocomplete": "off"}),
    )


def act_on_each(
    request: HttpRequest, rows: Iterable[Model], act: Callable[[Model], object]
) -> None:
    """Do it to each row. Tells how often it was done, and for each refusal which row and why."""
    done = 0
    for row in rows:
        try:
            act(row)
        except NotHere as lack:
            messages.warning(request, f"{row}: {lack}")
        except DomainError as error:
            messages.warning(request, f"{row}: {_words(error.code)}")
        else:
            done += 1
    if done:
        said = ngettext("Done for %(count)d row.", "Done for %(count)d rows.", done)
        messages.success(request, said % {"count": done})


def _words(code: str) -> str:
    return render_to_string("components/refusal.html", {"code": code}).strip()
