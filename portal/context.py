"""What every page knows."""

from typing import Any

from django.conf import settings
from django.http import HttpRequest


def house(_request: HttpRequest) -> dict[str, Any]:
    """How to reach a person, where we are, and whether Microsoft is simulated."""
    return {
        "support_email": settings.SUPPORT_EMAIL,
        "support_name": settings.SUPPORT_NAME,
        "portal_url": settings.PORTAL_URL,
        "sandbox": settings.SANDBOX,
    }
