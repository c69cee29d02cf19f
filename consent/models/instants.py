"""An instant of its own for each of many rows, in one UPDATE."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.models import DateTimeField, Expression, F
from django.db.models.sql.compiler import SQLCompiler


class InstantByKey(Expression):
    """The instant that belongs to the row's primary key, else NULL.

    The same as a `Case` with a `When` for each key, which for hundreds of them takes Django longer
    to build than the database to run.
    """

    def __init__(self, instants: Mapping[int, datetime]) -> None:
        super().__init__(output_field=DateTimeField())
        self._key: Any = F("pk")
        self._instants = instants

    def get_source_expressions(self) -> list[Any]:
        """Django resolves the column through this."""
        return [self._key]

    def set_source_expressions(self, exprs: Any) -> None:
        """Django puts the resolved column back."""
        [self._key] = exprs

    def as_sql(
        self, compiler: SQLCompiler, connection: BaseDatabaseWrapper
    ) -> tuple[str, tuple[Any, ...]]:
        """`CASE pk WHEN … THEN … END`."""
        column, params = compiler.compile(self._key)
        values: list[Any] = [*params]
        for key, instant in self._instants.items():
            values += [key, connection.ops.adapt_datetimefield_value(instant)]
        return f"CASE {column} {'WHEN %s THEN %s ' * len(self._instants)}END", tuple(values)
