"""From what Microsoft showed to a confirmation mail on its way."""

from datetime import timedelta
from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_POST, require_safe

from consent import attachments, rates, tickets, tokens, unknown_codes
from consent.diagnosis import (
    Actor,
    Audience,
    Cause,
    Diagnosis,
    SecretKind,
    advice,
    diagnose,
    secrets_removed,
    without_secrets,
)
from consent.errors import TooOften
from consent.models import AppRegistration, Ticket
from consent.pictures import Picture
from consent.placing import app_in_cloud
from portal.browsers import SeeOther, network_of, remember_ticket, tickets_asked_here
from portal.public.forms import MOST_PASTED, AskForm, StartForm
from tenants.addresses import is_personal
from tenants.discovery import find
from tenants.microsoft.errors import MicrosoftError

PREFILL = 4000


def _products() -> list[AppRegistration]:
    """One registration a product, as the list to choose from."""
    return list({app.slug: app for app in AppRegistration.objects.order_by("-pk")}.values())[::-1]


def _start_page(
    request: HttpRequest, form: StartForm, *, status: int = 200, **more: Any
) -> HttpResponse:
    products = _products()
    chosen = form["app"].value() or (products[0].slug if products else "")
    context = {"form": form, "products": products, "chosen": chosen, **more}
    return render(request, "public/start.html", context, status=status)


@require_safe
def start(request: HttpRequest) -> HttpResponse:
    """The first page, prefilled by a product that sends its blocked users here."""
    told = [
        request.GET.get(name, "")
        for name in ("error", "error_code", "error_description", "error_uri")
    ]
    pasted = "\n".join(part for part in told if part).replace("\0", "")[:PREFILL]
    first = {name: request.GET.get(name, "").replace("\0", "")[:254] for name in ("app", "email")}
    return _start_page(request, StartForm(initial={**first, "pasted": pasted}))


@require_POST
def diagnosis(request: HttpRequest) -> HttpResponse:
    """What it is and who must act, from the text and public metadata alone: the same for customers
    and others.
    """
    try:
        _count_form("start", request)
    except TooOften:
        return render(request, "429.html", status=429)
    form = StartForm(request.POST)
    if not form.is_valid():
        return _start_page(request, form, status=422)
    # The next form carries the paste along, and the page comes back: neither repeats a secret.
    form.cleaned_data["pasted"] = pasted = without_secrets(form.cleaned_data["pasted"])
    told = diagnose(pasted, seen=form.cleaned_data["seen"])
    unknown_codes.count(told.codes, at=timezone.now())
    domain = form.cleaned_data["email"].rpartition("@")[2]
    obstacle = _obstacle(domain, form.cleaned_data["app"], shows_wall=told.shows_wall)
    if obstacle == "which_address":
        secrets = secrets_removed(pasted)
        form = StartForm(initial={**form.cleaned_data, "app": form.cleaned_data["app"].slug})
        return _start_page(request, form, obstacle=obstacle, diagnosis=told, secrets=secrets)
    may_ask = not obstacle and (told.approval_link_helps or told.cause == Cause.UNKNOWN)
    if obstacle and not (told.approval_link_helps or told.cause == Cause.UNKNOWN):
        obstacle = ""  # what the paste says is the matter, whoever's address it is
    context = {
        "diagnosis": told,
        "told": told.as_dict(),
        "obstacle": obstacle,
        "may_ask": may_ask,
        "it_words": "" if obstacle or may_ask else _it_words(told),
        "report": _report(told),
        "secrets": secrets_removed(pasted),
        "app": form.cleaned_data["app"],
        "domain": domain,
        "form": AskForm(initial={**form.cleaned_data, "app": form.cleaned_data["app"].slug}),
    }
    return render(request, "public/diagnosis.html", context)


def _count_form(which: str, request: HttpRequest) -> None:
    """Every form costs a reading, bad ones too; raises TooOften."""
    limit = settings.STARTS_PER_NETWORK_AN_HOUR
    rates.count(which, network_of(request), limit=limit, span=timedelta(hours=1))


def _it_words(told: Diagnosis) -> str:
    """What an administrator has to do where no approval of ours helps; empty for other actors."""
    return advice(told, Audience.ADMINISTRATOR) if told.actor == Actor.TENANT_ADMIN else ""


def _report(told: Diagnosis) -> str:
    """What our support needs of a mistake on our side: identifiers, and nothing that was typed."""
    facts = {**told.as_dict(), "codes": " ".join(told.codes)}
    names = ("codes", "correlation_id", "trace_id", "timestamp")
    return "\n".join(f"{name}: {facts[name]}" for name in names if facts[name])


def _obstacle(domain: str, app: AppRegistration, *, shows_wall: bool) -> str:
    """What stands against asking an administrator, as one of our words; empty for nothing."""
    if is_personal(domain):
        return "which_address" if shows_wall else "personal"
    try:
        found = find(domain)
    except MicrosoftError:
        return ""  # Microsoft cannot be asked now: take the ask, the worker finds the tenant later
    if found is None:
        return "which_address" if shows_wall else "no_tenant"
    return "" if app_in_cloud(app, found.cloud_name) else "other_cloud"


@require_POST
def ask(request: HttpRequest) -> HttpResponse:
    """Take the ask; the answer is the same whatever we know of that tenant or address."""
    try:
        _count_form("ask", request)
    except TooOften:
        return render(request, "429.html", status=429)
    sent_fields = request.POST.copy()
    # Cut first: what is not kept is not worth reading.
    pasted = without_secrets(sent_fields.get("pasted", "").replace("\0", "")[:MOST_PASTED])
    sent_fields["pasted"] = pasted
    form = AskForm(sent_fields, request.FILES)
    if not form.is_valid():
        told = diagnose(pasted, seen=sent_fields.get("seen", ""))
        app = form.cleaned_data.get("app")
        context = {
            "form": form,
            "app": app,
            "may_ask": True,
            "diagnosis": told,
            "told": told.as_dict(),
            "secrets": secrets_removed(pasted),
        }
        if app is None:
            return _start_page(request, StartForm(sent_fields), status=422)
        return render(request, "public/diagnosis.html", context, status=422)
    asked = form.cleaned_data
    twin = _asked_before(request, asked)
    if twin:
        shown = None if twin.attachments.exists() else _kept_picture(request, asked)
        if shown:
            attachments.keep(twin, shown)
        return SeeOther(_sent_path(asked, twin.attachments.exists()))
    try:
        limit = settings.ASKS_PER_NETWORK_AN_HOUR
        rates.count("network", network_of(request), limit=limit, span=timedelta(hours=1))
        limit = settings.ASKS_PER_TENANT_AN_HOUR
        rates.count(
            "domain", asked["email"].rpartition("@")[2], limit=limit, span=timedelta(hours=1)
        )
    except TooOften:
        return render(request, "429.html", status=429)
    shown = _kept_picture(request, asked)
    ticket = tickets.ask(
        app=asked["app"],
        email=asked["email"],
        name=asked["name"],
        note=asked["note"],
        pasted=asked["pasted"],
        seen=asked["seen"],
        administrator_email=asked["admin_email"],
        screenshot=shown,
    )
    response = SeeOther(_sent_path(asked, shown is not None))
    remember_ticket(request, response, ticket)
    return response


def _kept_picture(request: HttpRequest, asked: dict[str, Any]) -> Picture | None:
    """The picture that came along, unless strangers have sent too many."""
    shown: Picture | None = asked["screenshot"]
    if shown and attachments.may_show(shown, network=network_of(request)):
        return shown
    return None


def _sent_path(asked: dict[str, Any], has_picture: bool) -> str:
    is_left_out = asked["screenshot"] and not has_picture
    return "/ask/sent/?without_picture" if is_left_out else "/ask/sent/"


def _latest(request: HttpRequest) -> Ticket | None:
    asked = tickets_asked_here(request)
    rows = Ticket.objects.select_related("contact", "app").filter(public_id__in=asked[-1:])
    return rows.first()


def _asked_before(request: HttpRequest, asked: dict[str, Any]) -> Ticket | None:
    """The same form sent twice by the same browser is one ask."""
    last = _latest(request)
    if last is None or last.is_confirmed or last.contact is None:
        return None
    same = (last.contact.email, last.app_id, last.note) == (
        asked["email"],
        asked["app"].pk,
        asked["note"].strip(),
    )
    administrator = last.administrator.email if last.administrator else ""
    return last if same and administrator == asked["admin_email"] else None


@require_safe
def sent(request: HttpRequest) -> HttpResponse:
    """Where to look now, with the six digits for another device."""
    ticket = _latest(request)
    waiting = ticket if ticket and not ticket.is_confirmed else None
    code = tokens.confirmation_code(waiting) if waiting else ""
    context = {"ticket": waiting, "app": waiting.app if waiting else None, "code": code}
    removed = ticket.diagnosis.get("secrets_removed", []) if ticket else []
    context |= {
        "secrets": [SecretKind(kind) for kind in removed],
        "code_groups": [code[:3], code[3:]] if code else [],
        "again": "again" in request.GET,
        "without_picture": "without_picture" in request.GET,
    }
    response = render(request, "public/sent.html", context)
    response["Cache-Control"] = "no-store"
    return response


@require_POST
def again(request: HttpRequest) -> HttpResponse:
    """Send the confirmation once more, within the limits; the answer does not tell."""
    ticket = _latest(request)
    if ticket and not ticket.is_confirmed:
        tickets.send_confirmation(ticket)
    return SeeOther("/ask/sent/?again")
