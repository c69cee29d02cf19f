"""The ways through Microsoft's approval, each as a page that one follows step by step.

They are the same for everybody: no row is read.
"""

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from consent.diagnosis.menus import menus

# In the order of the index: the name in the address, the file with the words, the menus it names.
ROADS = {
    "approve-yourself": ("approve_yourself", ("user_consent",)),
    "administrator-approves": (
        "administrator_approves",
        ("consent_requests", "app_permissions", "request_settings"),
    ),
    "who-is-administrator": ("who_is_administrator", ("roles", "organisations")),
    "am-i-administrator": ("am_i_administrator", ("business_centre", "roles")),
    "no-administrator": ("no_administrator", ("takeover", "support_phone", "business_centre")),
    "just-became-administrator": (
        "just_became_administrator",
        ("roles", "business_roles", "consent_requests", "enterprise_apps", "request_settings"),
    ),
    "two-requests": ("two_requests", ("consent_requests", "enterprise_apps")),
}


@require_safe
def index(request: HttpRequest) -> HttpResponse:
    """Which way is yours: by the page that Microsoft showed, and by the question you have."""
    return render(request, "public/roads/index.html")


@require_safe
def road(request: HttpRequest, road: str) -> HttpResponse:
    """One way; 404 where there is none of that name."""
    if road not in ROADS:
        raise Http404
    file, named = ROADS[road]
    places = {name: menus()[name] for name in named}
    context = {
        "road": road,
        "places": places,
        "checked_on": min(place.checked_on for place in places.values()),
    }
    return render(request, f"public/roads/{file}.html", context)
