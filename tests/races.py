"""Another worker, played between one query and the next."""

from contextlib import contextmanager

from django.db import connection


@contextmanager
def meanwhile(change, *, before):
    """Run `change()` once, just before the first query in the block that begins with `before`."""
    waiting = [change]

    def interrupted(execute, sql, params, many, context):
        if waiting and sql.startswith(before):
            waiting.pop()()
        return execute(sql, params, many, context)

    with connection.execute_wrapper(interrupted):
        yield
    assert not waiting, f"no query begins with {before}"
