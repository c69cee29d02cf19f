"""Reads the address beside an action."""

from dataclasses import dataclass

from django.contrib import messages
from django.http import HttpRequest

from consent.contacts import contact_of
from portal.desk.forms import SendForm
from tenants.models import Contact


@dataclass(frozen=True)
class Recipient:
    """Whom an action is to write to; nobody where no address was given."""

    contact: Contact | None
    is_usable: bool = True


def recipient_of(request: HttpRequest, *, required: bool = False) -> Recipient:
    """The contact with the address that was typed; not usable, and said so, where it is none."""
    text = request.POST.get("email", "")
    if not text.strip() and not required:
        return Recipient(None)
    form = SendForm({"email": text})
    if form.is_valid():
        return Recipient(contact_of(form.cleaned_data["email"]))
    for problem in form.errors["email"]:
        messages.error(request, problem)
    return Recipient(None, is_usable=False)
