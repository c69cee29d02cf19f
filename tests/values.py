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


def permission(text):
    """`Mail.Read`, or `application Mail.Read`: a permission of Microsoft Graph."""
    kind, _space, value = text.rpartition(" ")
    return Permission(GRAPH, Kind(kind or "delegated"), value)


def permissions(*texts):
    """Several of them."""
    return frozenset(permission(text) for text in texts)
