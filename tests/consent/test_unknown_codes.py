"""Codes that the catalogue lacks are counted."""

from datetime import timedelta

import pytest
from django.db import IntegrityError
from django.utils import timezone

from consent import tickets, unknown_codes
from consent.models import UnknownCode
from tests.factories import AppRegistrationFactory, TicketFactory, UnknownCodeFactory, UserFactory

pytestmark = pytest.mark.django_db
NOW = timezone.now()
SOON = NOW + timedelta(minutes=1)


def counted():
    return list(
        UnknownCode.objects.order_by("code").values_list(
            "code", "times", "first_seen_at", "last_seen_at"
        )
    )


def test_count_of_known_and_unknown_codes():
    unknown_codes.count(["AADSTS90094", "AADSTS999001", "AADSTS999001"], at=NOW)
    unknown_codes.count(["AADSTS999001", "AADSTS999002"], at=SOON)
    unknown_codes.count(["AADSTS999002"], at=NOW)

    assert counted() == [
        ("AADSTS999001", 2, NOW, SOON),
        ("AADSTS999002", 2, SOON, SOON),
    ]
    assert str(UnknownCode.objects.first()).startswith("AADSTS99900")


def test_count_of_a_paste_full_of_numbers_ends_after_five():
    unknown_codes.count([f"AADSTS99{n:04}" for n in range(40)], at=NOW)

    assert UnknownCode.objects.count() == 5


def test_count_never_fills_the_table():
    UnknownCodeFactory.create_batch(unknown_codes.MOST_ROWS)
    known = UnknownCode.objects.first()

    unknown_codes.count([known.code, "AADSTS999001"], at=SOON)

    known.refresh_from_db()
    assert (UnknownCode.objects.count(), known.times) == (unknown_codes.MOST_ROWS, 2)


def test_count_of_what_agents_and_people_with_tickets_paste():
    ticket = TicketFactory(waiting=True)
    tickets.tried(ticket, worked=False, pasted="AADSTS999001")
    tickets.tried(ticket, worked=False, pasted="")
    tickets.open_for(
        app=AppRegistrationFactory(),
        email="ana@contoso.example",
        pasted="AADSTS999001",
        by=UserFactory(),
    )

    assert [(code, times) for code, times, *_when in counted()] == [("AADSTS999001", 2)]


@pytest.mark.parametrize(
    "wrong", [{"times": 0}, {"first_seen_at": SOON, "last_seen_at": NOW}, {"code": "AADSTS1"}]
)
def test_unknown_code_that_cannot_be_is_refused(wrong):
    UnknownCodeFactory(code="AADSTS1")
    with pytest.raises(IntegrityError):
        UnknownCodeFactory(**wrong)
