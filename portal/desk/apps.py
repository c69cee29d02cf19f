"""The vendor's own apps: what stops people at them, and what would not."""

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from consent.advising import advise
from consent.models import AppRegistration
from portal.desk.access import agents_only


@require_safe
@agents_only
def index(request: HttpRequest) -> HttpResponse:
    """Every product, with whom its permissions stop."""
    apps = AppRegistration.objects.prefetch_related("required_permissions").order_by("name", "pk")
    return render(request, "desk/apps.html", {"found": [advise(app) for app in apps]})


@require_safe
@agents_only
def app(request: HttpRequest, slug: str) -> HttpResponse:
    """One product: each of its registrations, permission by permission."""
    apps = AppRegistration.objects.filter(slug=slug).prefetch_related("required_permissions")
    found = [advise(one) for one in apps.order_by("pk")]
    if not found:
        raise Http404
    return render(request, "desk/advisor.html", {"name": found[0].app.name, "found": found})
