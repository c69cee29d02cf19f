"""Instants as people say them."""

from datetime import datetime

from django import template
from django.utils.timesince import timesince

register = template.Library()


@register.filter
def since(at: datetime | None) -> str:
    """How long ago, in the largest unit alone (`3 hours`); empty for no instant."""
    return timesince(at, depth=1) if at else ""
