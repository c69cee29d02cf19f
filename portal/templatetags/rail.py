"""The views of the queue, for the rail of every page of the desk."""

from typing import Any

from django import template

from portal.desk import rail

register = template.Library()


@register.simple_tag(takes_context=True)
def counted_views(context: dict[str, Any]) -> list[dict[str, Any]]:
    """Each view with its count; the one named `view` in the context is the current one."""
    return rail.counted(context["user"], context.get("view", ""))
