"""Values that tests write down shortly."""

from datetime import timedelta
from uuid import NAMESPACE_DNS, uuid5

from django.utils import timezone
from factory import LazyFunction

from tenants.microsoft.permissions import GRAPH, Kind, Permission


def guid(text):
    """A GUID that is always the same for that text."""
    return str(uuid5(NAMESPACE_DNS, text))


def now_plus(**span):
    """The instant so far from now, when the row is made."""
    return LazyFunction(lambda: timezone.now() + timedelta(**span))


#: A row of a screenshot, without its ticket.
PICTURE = {"kind": "image/png", "width": 640, "height": 480, "size": 3, "content": b"png"}
#: When an unknown code was seen.
SEEN = {"first_seen_at": now_plus(), "last_seen_at": now_plus()}


def permission(text):
    """`Mail.Read`, or `application Mail.Read`: a permission of Microsoft Graph."""
    kind, _space, value = text.rpartition(" ")
    return Permission(GRAPH, Kind(kind or "delegated"), value)


def permissions(*texts):
    """Several of them."""
    return frozenset(permission(text) for text in texts)
