"""The one door through which a state changes, and the short public names of rows."""

import secrets
from collections.abc import Collection, Mapping
from typing import Any, ClassVar

from django.db import models

from consent.errors import NotOpen

_ALPHABET = "abcdefghjkmnpqrstuvwxyz23456789"


def new_public_id() -> str:
    """Twelve characters that are easy to read aloud; about 59 bits, and never a secret by
    themselves.
    """
    return "".join(secrets.choice(_ALPHABET) for _ in range(12))


class InvalidTransition(NotOpen):
    """The row is no longer where this move is allowed from: somebody was faster, or the page was
    old.
    """


class Stateful(models.Model):
    """A model whose `state` changes through `move()` alone."""

    COMES_FROM: ClassVar[Mapping[str, frozenset[str]]]
    state: "models.CharField[str, str]"

    class Meta:
        abstract = True

    def move(self, to: str, **fields: Any) -> None:
        """Move to `to` and set `fields` in one guarded update.

        Raises InvalidTransition, with nothing changed, if the row is not (or no longer) in a state
        from which `to` may be reached.
        """
        where: dict[str, Any] = {"pk": self.pk, "state__in": self.COMES_FROM[to]}
        if not type(self)._base_manager.filter(**where).update(**{"state": to, **fields}):
            raise InvalidTransition(f"{type(self).__name__} {self.pk}: {self.state} -> {to}")
        self.refresh_from_db()

    @classmethod
    def move_all(cls, keys: Collection[int], to: str, **fields: Any) -> int:
        """The same door for many rows in one update; returns how many moved. Rows that are not
        where the move is allowed from stay as they are.
        """
        where: dict[str, Any] = {"pk__in": keys, "state__in": cls.COMES_FROM[to]}
        return cls._base_manager.filter(**where).update(**{"state": to, **fields})
