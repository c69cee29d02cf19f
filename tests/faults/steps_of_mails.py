"""Steps of mails: between a row and a letter box."""

from tests.faults.house import House
from tests.faults.steps import Step
from tests.faults.story import approve, ask, everybody_was_told_once, wait_for_approval
from tests.processes import wait_for

SIXTY = tuple(f"p{number}@contoso.example" for number in range(60))
FORTY = SIXTY[:40]
IN_HAND = """
from consent import tokens
keys = OutboxMessage.objects.filter(state="sending").values_list("key", flat=True)
told = [f"<{tokens.digest('mail', key)[:32]}@acme.example>" for key in keys]
"""
THREE = ("ana", "ben", "eva")


def news_unsent(house: House) -> None:
    """Granted, all three marked as told, and the first letter has not been taken."""
    wait_for_approval(house, "contoso.example", people=THREE)
    approve(house, "contoso.example")
    house.mail.mode = "hold before"
    house.start("worker", "beat")
    assert house.mail.reached.wait(60)


def one_unmarked(house: House) -> None:
    """The first letter was taken, and we do not know."""
    _held_at(house, 1)


def many_unmarked(house: House) -> None:
    """Up to 49 letters were taken since the last mark."""
    _held_at(house, 49)


def _held_at(house: House, letter: int) -> None:
    house.mail.mode, house.mail.held_letter = "hold after", letter
    ask(house, *SIXTY)
    house.start("worker", "beat")
    assert house.mail.reached.wait(60)


def crowd_half_way(house: House) -> None:
    """Forty letters, each of which takes a while."""
    house.mail.seconds_a_letter = 0.2
    ask(house, *FORTY)
    house.start("worker", "beat")
    wait_for(lambda: len(house.mail.taken) >= 5, "some have left", within_s=60)


def letters_are_taken(house: House) -> None:
    """The mail server takes all letters at once."""
    house.mail.mode, house.mail.seconds_a_letter = "take", 0.0


def marks_are_counted(house: House) -> None:
    """The same, once it is known which letters a dead worker had in hand."""
    house.in_hand = set(house.run(IN_HAND)) if "worker" in house.dead else set()
    letters_are_taken(house)


def letters_are_quick(house: House) -> None:
    """The same; whoever could not mark what it had in hand leaves twins."""
    marks_may_be_lost(house)
    letters_are_taken(house)


def marks_may_be_lost(house: House) -> None:
    """Without worker or rows: of one letter for each of two connections, and of one for each that
    the server takes meanwhile.
    """
    if house.dead & {"worker", "postgres"}:
        house.twins += 4


def three_hear_it(house: House) -> None:
    """Good news for all three."""
    everybody_was_told_once(house, len(THREE))


def sixty_have_theirs(house: House) -> None:
    """Each has a letter; some of those that a dead worker had in hand have a twin, and no other."""
    house.wait_until_sent(len(SIXTY))
    doubled = {one for one, times in house.mail.by_message_id.items() if times > 1}
    assert doubled <= house.in_hand
    assert bool(doubled) == bool(house.in_hand)
    assert len(house.mail.by_message_id) == len(SIXTY)
    house.twins = len(doubled)


def forty_have_theirs(house: House) -> None:
    """Each has a letter."""
    house.wait_until_sent(len(FORTY))
    assert len(house.mail.by_message_id) == len(FORTY)


STEPS = (
    Step("news unsent", news_unsent, letters_are_taken, three_hear_it),
    Step("one unmarked", one_unmarked, marks_are_counted, sixty_have_theirs),
    Step("49 unmarked", many_unmarked, marks_are_counted, sixty_have_theirs),
    Step("letters leave", crowd_half_way, letters_are_quick, forty_have_theirs),
)
