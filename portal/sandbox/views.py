"""Read the mails, see who is who, begin anew."""

import re
from functools import wraps
from typing import Any

from csp.decorators import csp_replace, csp_update
from django.conf import settings
from django.http import HttpRequest, HttpResponse, HttpResponseForbidden, JsonResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.clickjacking import xframe_options_sameorigin
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST, require_safe

from consent.models import AppRegistration
from portal.sandbox import fresh
from portal.sandbox.microsoft.seed import TENANTS
from portal.sandbox.models import SandboxMail
from portal.sandbox.words import TRAITS

_LINK = re.compile(r"https?://[^\s<>\"')]+")
LOOPBACK = {"localhost", "127.0.0.1"}


def only_from_here(view: Any) -> Any:
    """The sandbox answers on the loopback's own names alone."""

    @wraps(view)
    def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if request.get_host().partition(":")[0] not in LOOPBACK:
            return HttpResponseForbidden()
        return view(request, *args, **kwargs)

    return guarded


@only_from_here
@require_safe
def index(request: HttpRequest) -> HttpResponse:
    """Tenants, accounts and switches; links to everything."""
    context = {
        "tenants": [(tenant, TRAITS.get(tenant.domain, "")) for tenant in TENANTS],
        "apps": AppRegistration.objects.order_by("pk"),
        "microsoft_url": settings.MICROSOFT_URL,
        "newest": SandboxMail.objects.all()[:8],
        "connected": request.GET.get("connected", "")[:40],
    }
    return render(request, "sandbox/index.html", context)


@only_from_here
@require_safe
def mailbox(request: HttpRequest) -> HttpResponse:
    """Every mail, newest first; `?to=` keeps one person's."""
    to = request.GET.get("to", "").lower()
    return render(request, "sandbox/mailbox.html", {"mails": _mails(to)[:200], "to": to})


@only_from_here
@require_safe
@csp_update({"frame-src": ["'self'"]})
def mail(request: HttpRequest, key: int) -> HttpResponse:
    """One mail, as it looks and as text."""
    return render(request, "sandbox/mail.html", {"mail": get_object_or_404(SandboxMail, pk=key)})


@only_from_here
@require_safe
@xframe_options_sameorigin
@csp_replace(
    {
        "default-src": ["'none'"],
        "style-src": ["'unsafe-inline'"],
        "frame-ancestors": ["'self'"],
        "sandbox": [
            "allow-popups",
            "allow-popups-to-escape-sandbox",
            "allow-top-navigation-by-user-activation",
        ],
    }
)
def mail_html(_request: HttpRequest, key: int) -> HttpResponse:
    """The mail's own page, for the frame: scripts never run in it."""
    return HttpResponse(get_object_or_404(SandboxMail, pk=key).html)


@only_from_here
@require_safe
def mailbox_json(request: HttpRequest) -> JsonResponse:
    """The same for programs."""
    told = [
        {
            "id": mail.pk,
            "kind": mail.kind,
            "to": mail.to,
            "subject": mail.subject,
            "text": mail.text,
            "html": mail.html,
            "links": list(dict.fromkeys(_LINK.findall(mail.text))),
            "sent_at": mail.sent_at.isoformat(),
        }
        for mail in _mails(request.GET.get("to", "").lower())
    ]
    return JsonResponse(told, safe=False)


def _mails(to: str) -> Any:
    return SandboxMail.objects.filter(to=to) if to else SandboxMail.objects.all()


@only_from_here
@csrf_exempt
@require_POST
def reset(request: HttpRequest) -> HttpResponse:
    """Everything back to the seed. A foreign page may not ask for it."""
    origin = request.headers.get("Origin")
    if origin and origin not in {settings.PORTAL_URL, f"{request.scheme}://{request.get_host()}"}:
        return HttpResponseForbidden()
    fresh.reset()
    return redirect("sandbox:index")
