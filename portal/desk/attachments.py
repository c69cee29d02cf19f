"""Screenshots, for agents alone."""

from csp.decorators import csp_update
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.views.decorators.http import require_safe

from consent.models import Attachment
from portal.desk.access import agents_only


@require_safe
@csp_update({"sandbox": True})
@agents_only
def attachment(_request: HttpRequest, public_id: str) -> HttpResponse:
    """The picture as it came. It is a stranger's file: opened by itself it is saved and not shown,
    and whatever it holds runs nowhere.
    """
    kept = get_object_or_404(Attachment.objects.select_related("ticket"), public_id=public_id)
    response = HttpResponse(bytes(kept.content), content_type=kept.kind)
    name = f"{kept.ticket.number}-{kept.public_id}.{kept.kind.rpartition('/')[2]}"
    response["Content-Disposition"] = f'attachment; filename="{name}"'
    response["Cross-Origin-Resource-Policy"] = "same-origin"
    response["X-Content-Type-Options"] = "nosniff"
    response["Cache-Control"] = "private, no-store"
    return response
