"""Reads a sign-in address part by part. The address comes by POST, so that it stands in no log, and
nothing of it is kept.
"""

from urllib.parse import urlsplit

from django import forms
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_http_methods

from consent import attempts, proofs
from consent.diagnosis.linting import Grade, Registered, lint
from consent.models import AppRegistration

MOST = 16 * 1024


class AddressForm(forms.Form):
    """An address to read."""

    url = forms.CharField(
        max_length=MOST,
        widget=forms.Textarea(attrs={"rows": 5, "spellcheck": "false", "autocomplete": "off"}),
        error_messages={
            "required": _("Paste an address first."),
            "max_length": _("That is far too long for an address. Paste the address alone."),
        },
    )

    def __init__(self, *args: object, **kwargs: object) -> None:
        super().__init__(*args, **kwargs)
        self.fields["url"].widget.attrs["class"] = "pasted"


def _registered(app: AppRegistration) -> Registered:
    """What of our registration an address is compared with."""
    addresses = (app.connect_url, app.website_url, attempts.return_address())
    return Registered(
        name=app.name,
        client_id=app.client_id,
        login_host=urlsplit(app.microsoft.login_origin).netloc.lower(),
        permissions=app.permissions(),
        redirects=frozenset({attempts.return_address(), proofs.return_address()}),
        hosts=frozenset(urlsplit(each).hostname or "" for each in addresses) - {""},
    )


@require_http_methods(["GET", "HEAD", "POST"])
def linter(request: HttpRequest) -> HttpResponse:
    """The form; after a POST what is to be said of each part. The address is not shown again."""
    if request.method != "POST":
        return render(request, "public/linter.html", {"form": AddressForm()})
    form = AddressForm(request.POST)
    if not form.is_valid():
        # A form that is refused shows its field again; what was typed may hold a secret.
        empty = AddressForm({"url": ""})
        empty.full_clean()
        empty.errors["url"] = form.errors["url"]
        return _unkept(render(request, "public/linter.html", {"form": empty}, status=422))
    apps = AppRegistration.objects.prefetch_related("required_permissions").order_by("pk")
    remarks = lint(form.cleaned_data["url"], registrations=[_registered(app) for app in apps])
    context = {
        "form": AddressForm(),
        "remarks": remarks,
        "bad": sum(remark.grade == Grade.BAD for remark in remarks),
        "warn": sum(remark.grade == Grade.WARN for remark in remarks),
    }
    return _unkept(render(request, "public/linter.html", context))


def _unkept(response: HttpResponse) -> HttpResponse:
    response["Cache-Control"] = "no-store"
    return response
