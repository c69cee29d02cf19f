"""Puts the demo's data, and the simulated Microsoft, back to the seed."""

import json
from urllib.request import ProxyHandler, Request, build_opener

from django.conf import settings
from django.core.cache import cache
from django.db import transaction

from consent import registrations
from consent.models import (
    Alarm,
    AppRegistration,
    ApprovalLink,
    CallCount,
    Canary,
    Check,
    ConsentAttempt,
    ConsentRequest,
    Event,
    Evidence,
    Grant,
    MailStop,
    OutboxMessage,
    RateCount,
    Reply,
    Ticket,
    UnknownCode,
    Watch,
)
from portal.sandbox.microsoft import seed
from portal.sandbox.models import SandboxMail
from portal.sandbox.words import FACTS, REASONS
from tenants.models import Contact, Tenant, TenantDomain, User

AGENTS = (("agent@acme.example", "Andy", False), ("lead@acme.example", "Lena", True))
PASSWORD = "demo"
#: Children before parents.
WHAT_GOES = (
    SandboxMail,
    OutboxMessage,
    MailStop,
    Evidence,
    ConsentAttempt,
    Reply,
    Event,
    Check,
    Watch,
    Grant,
    RateCount,
    UnknownCode,
    CallCount,
    Alarm,
    Canary,
)


def reset() -> None:
    """Tickets, requests, grants, looks, evidence, mails, learnt tenants and counters go; Microsoft
    forgets as well.
    """
    _patch({"reset": True})
    cache.clear()  # allauth's counters
    with transaction.atomic():
        for model in WHAT_GOES:
            model.objects.all().delete()
        ApprovalLink.objects.all().delete()
        Ticket.objects.all().delete()
        ConsentRequest.objects.update(previous=None)
        ConsentRequest.objects.all().delete()
        Contact.objects.all().delete()
        TenantDomain.objects.all().delete()
        Tenant.objects.all().delete()


def _patch(change: dict[str, object]) -> None:
    body = json.dumps(change).encode()
    request = Request(f"{settings.MICROSOFT_URL}/_control/state", body, method="PATCH")  # noqa: S310 -- the loopback
    request.add_header("Content-Type", "application/json")
    build_opener(ProxyHandler({})).open(request, timeout=10).close()


def plant() -> None:
    """Register the vendor's apps and agents, as often as you like."""
    for app in seed.APPS:
        registrations.register(_description(app))
    for email, name, leads in AGENTS:
        user = User.objects.filter(email=email).first() or User.objects.create_user(email, PASSWORD)
        user.name, user.is_staff, user.is_superuser = name, True, leads
        user.save()


def _description(app: seed.App) -> dict[str, object]:
    return {
        "slug": app.slug,
        "cloud": "sandbox",
        "name": app.name,
        "client_id": app.client_id,
        "home_tenant_id": app.home_tenant_id,
        "credential": app.slug.replace("-", "_"),
        "publisher": app.publisher,
        "shows_roles": app.role_claim,
        **FACTS,
        "connect_url": f"{settings.PORTAL_URL}/sandbox/?connected={app.slug}",
        "permissions": [
            {
                "resource": resource,
                "kind": kind,
                "value": value,
                **REASONS.get((kind, value), {"reason": value}),
            }
            for resource, kind, value in app.permissions
        ],
    }


def registered() -> bool:
    """The seed is there."""
    return AppRegistration.objects.filter(cloud="sandbox").count() >= len(seed.APPS)
