"""The views of the queue: which tickets each shows, and how many those are."""

from typing import Any

from django.contrib.auth.models import AbstractBaseUser, AnonymousUser
from django.db.models import Count, Q, QuerySet
from django.utils.translation import gettext_lazy as _

from consent.models import Ticket
from consent.unreached import unreached

VIEWS: dict[str, tuple[Any, Q]] = {
    # Nobody answers a mail that did not arrive.
    "todo": (_("Needs us"), Q(state="open") | Q(state="waiting", request__in=unreached())),
    "mine": (_("Mine"), Q(state__in=Ticket.ACTIVE)),
    "waiting": (_("Waiting for an answer"), Q(state="waiting")),
    "ready": (_("Ready to try"), Q(state="ready")),
    "unconfirmed": (_("Unconfirmed"), Q(state="unconfirmed")),
    "done": (_("Done"), Q(state__in=["solved", "closed"])),
    "all": (_("All"), Q()),
}
User = AbstractBaseUser | AnonymousUser


def of_view(name: str, user: User) -> QuerySet[Ticket]:
    """The tickets of that view, as this agent sees it. Raises KeyError where there is no such
    view.
    """
    rows = Ticket.objects.filter(VIEWS[name][1])
    return rows.filter(agent=user) if name == "mine" else rows


def counted(user: User, current: str = "") -> list[dict[str, Any]]:
    """Each view as {name, label, count, is_current}, with one query."""
    chosen = {name: which or Q(pk__gt=0) for name, (_label, which) in VIEWS.items()}
    chosen["mine"] &= Q(agent=user)
    counts = Ticket.objects.aggregate(
        **{name: Count("pk", filter=which) for name, which in chosen.items()}
    )
    return [
        {"name": name, "label": label, "count": counts[name], "is_current": name == current}
        for name, (label, _which) in VIEWS.items()
    ]
