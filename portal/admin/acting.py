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
from consent.models import InvalidTransition


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
        except DomainError as error:
            refuse(request, row, error.code)
        except InvalidTransition:
            refuse(request, row, "not_open")
        else:
            done += 1
    if done:
        said = ngettext("Done for %(count)d row.", "Done for %(count)d rows.", done)
        messages.success(request, said % {"count": done})


def refuse(request: HttpRequest, row: Model, code: str) -> None:
    """Say why it was not done to that row; `code` as in templates/components/refusal.html."""
    words = render_to_string("components/refusal.html", {"code": code}).strip()
    messages.warning(request, f"{row}: {words}")
