"""What holds after every fault, whatever it was."""

from datetime import datetime, timedelta

from tests.faults.house import House
from tests.faults.story import states

REVOKED = "select count(*) from consent_event where kind = 'request_revoked'"
LOOKS = "select watch_id, at, milliseconds from consent_check order by watch_id, at, id"
GOOD_NEWS = """
select ticket_id, count(*) from consent_outboxmessage where kind = 'consent_granted'
group by ticket_id having count(*) > 1
"""


def hold(house: House) -> None:
    """Nobody was granted or revoked wrongly, nobody was told twice, no two looks at one tenant were
    on their way at the same time, and no process had to be started by hand.
    """
    assert house.ended() == {}
    assert house.rows(REVOKED) == [(house.withdrawn,)]
    granted = {domain for domain, state in states(house).items() if state == "granted"}
    assert granted <= house.approved
    # Several times only where a test has the approval withdrawn in between.
    assert house.withdrawn or house.rows(GOOD_NEWS) == []
    assert sum(times - 1 for times in house.mail.by_message_id.values()) <= house.twins
    assert overlapping(house) == []


def overlapping(house: House) -> list[tuple[int, datetime]]:
    """The looks, by watch and instant, that began before the one before them had ended."""
    found, last, busy_until = [], None, None
    for watch, at, milliseconds in house.rows(LOOKS):
        began = datetime.fromisoformat(at).replace(tzinfo=None) if isinstance(at, str) else at
        if watch == last and began < busy_until:
            found.append((watch, began))
        last, busy_until = watch, began + timedelta(milliseconds=milliseconds)
    return found
