"""Who does something: the `by` of every service."""

from dataclasses import dataclass

from consent.models import Event
from tenants.models import Contact, User


@dataclass(frozen=True)
class Actor:
    """A kind of person (or the worker) and the key of the row that stands for it."""

    kind: Event.Actor
    key: int | None = None

    @classmethod
    def agent(cls, user: User) -> "Actor":
        """The vendor's support person."""
        return cls(Event.Actor.AGENT, user.pk)

    @classmethod
    def requester(cls, contact: Contact | None) -> "Actor":
        """The blocked user."""
        return cls(Event.Actor.REQUESTER, contact.pk if contact else None)

    @classmethod
    def administrator(cls, contact: Contact | None) -> "Actor":
        """Whoever holds an approval link; nobody we know by name where it was passed on by hand."""
        return cls(Event.Actor.ADMINISTRATOR, contact.pk if contact else None)

    @property
    def is_agent(self) -> bool:
        """One of us, who knows what he does."""
        return self.kind == Event.Actor.AGENT


WORKER = Actor(Event.Actor.WORKER)
