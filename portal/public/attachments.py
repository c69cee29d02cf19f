"""A requester shows us what Microsoft showed: a picture for the agents alone."""

from django.http import HttpRequest, HttpResponse
from django.views.decorators.http import require_POST

from consent import attachments
from consent.errors import TooManyPictures
from consent.models import Ticket
from portal.browsers import may_leave_for_microsoft
from portal.public.forms import ScreenshotForm
from portal.public.tickets import back, confirmed_only, status_page, with_ticket


@require_POST
@may_leave_for_microsoft
@with_ticket
@confirmed_only
def attach(request: HttpRequest, ticket: Ticket) -> HttpResponse:
    """Keep the picture; one that cannot be read gets a sentence on the same page."""
    form = ScreenshotForm(request.POST, request.FILES)
    if not form.is_valid():
        return status_page(request, ticket, status=422, screenshot_form=form)
    try:
        attachments.attach(ticket, form.cleaned_data["screenshot"])
    except TooManyPictures as refusal:
        return status_page(request, ticket, status=422, error=refusal.code)
    return back(ticket, "pictured")
