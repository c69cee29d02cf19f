"""The alarms that stand, for the head of every page of the desk."""

from django import template

from consent import alarms
from consent.models import Alarm

register = template.Library()


@register.simple_tag
def standing_alarms() -> list[Alarm]:
    """All of them, the oldest first; one query."""
    return list(alarms.standing())
