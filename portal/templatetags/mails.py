"""What every page of the desk says about mails."""

from django import template

from consent.models import MailStop
from consent.outbox import stopping

register = template.Library()


@register.simple_tag
def standing_stop() -> MailStop | None:
    """The stop that holds back all mails now."""
    return stopping.standing()
