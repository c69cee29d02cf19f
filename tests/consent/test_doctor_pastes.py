"""Approved, still asked: reasons found in what the person pasted, and in that person's own test."""

import pytest

from consent.diagnosis import Actor, Cause
from consent.doctor import Reason, Source, examine
from tests.consent.doctors_visit import FOUND, LONG_AGO, NOW, OPEN, OUT, of, own_test
from tests.factories import ConsentRequestFactory, ContactFactory, TicketFactory, guid

pytestmark = pytest.mark.django_db


@pytest.fixture
def ticket(db):
    """Somebody in an organisation whose grant is three days old and for everyone."""
    return TicketFactory(
        request=ConsentRequestFactory(granted=True, granted_at=LONG_AGO),
        ready=True,
        contact=ContactFactory(email="ana@contoso.example"),
    )


def test_assignment_by_what_microsoft_said_to_this_person(ticket):
    assert of(ticket, Reason.ASSIGNMENT).standing == OUT

    ticket.pasted = "AADSTS50105: your administrator has configured the application"
    by_paste = of(ticket, Reason.ASSIGNMENT)
    own_test(ticket, "not_assigned")
    by_test = of(ticket, Reason.ASSIGNMENT)

    assert (by_paste.standing, by_paste.source, by_paste.seen) == (
        FOUND,
        Source.PASTE,
        "AADSTS50105",
    )
    assert (by_test.standing, by_test.source, by_test.at) == (FOUND, Source.TEST, LONG_AGO)


def test_missing_by_the_request_and_by_the_persons_test(ticket):
    waiting = TicketFactory(request=ConsentRequestFactory(asked=True, missing=["Mail.Send"]))
    nothing = TicketFactory(request=ConsentRequestFactory(asked=True))
    own_test(ticket, "not_covered")

    found = [of(each, Reason.MISSING) for each in (waiting, nothing, ticket)]

    assert [(each.standing, each.source, each.seen) for each in found] == [
        (FOUND, Source.LOOK, "Mail.Send"),
        (OPEN, Source.LOOK, ""),
        (FOUND, Source.TEST, ""),
    ]


def test_other_app_by_the_paste(ticket):
    ours, other = ticket.app.client_id, guid("another app")
    seen = []
    for named in ("no identifier", f"Application ID: {ours}", f"Application ID: {other}"):
        ticket.pasted = named
        found = of(ticket, Reason.OTHER_APP)
        seen.append((found.standing, found.seen, found.actor))

    assert seen == [
        (OPEN, "", Actor.NOBODY),
        (OUT, ours, Actor.NOBODY),
        (FOUND, other, Actor.VENDOR),
    ]


def test_other_tenant_by_the_paste(ticket):
    ours, other = ticket.tenant.tenant_id, guid("another tenant")
    seen = []
    for named in ("", f"login.microsoftonline.com/{ours}/oauth2", f"tenant: {other}"):
        ticket.pasted = named
        found = of(ticket, Reason.OTHER_TENANT)
        seen.append((found.standing, found.seen, found.actor))

    assert seen == [
        (OPEN, "", Actor.NOBODY),
        (OUT, ours, Actor.NOBODY),
        (FOUND, other, Actor.END_USER),
    ]


@pytest.mark.parametrize(
    ("pasted", "reason", "expected"),
    [
        ("", Reason.OTHER_ACCOUNT, (OPEN, "", Actor.NOBODY)),
        ("", Reason.SIGN_IN_RULE, (OPEN, "", Actor.NOBODY)),
        ("AADSTS90094", Reason.OTHER_ACCOUNT, (OUT, "AADSTS90094", Actor.NOBODY)),
        (
            "Need admin approval",
            Reason.SIGN_IN_RULE,
            (OUT, str(Cause.ADMIN_CONSENT_REQUIRED.label), Actor.NOBODY),
        ),
        ("AADSTS50020", Reason.OTHER_ACCOUNT, (FOUND, "AADSTS50020", Actor.END_USER)),
        (
            "You can't sign in here with a personal account",
            Reason.OTHER_ACCOUNT,
            (FOUND, str(Cause.PERSONAL_ACCOUNT.label), Actor.END_USER),
        ),
        ("AADSTS53003", Reason.SIGN_IN_RULE, (FOUND, "AADSTS53003", Actor.TENANT_ADMIN)),
        ("AADSTS50076", Reason.SIGN_IN_RULE, (FOUND, "AADSTS50076", Actor.END_USER)),
        (
            "More information required",
            Reason.SIGN_IN_RULE,
            (FOUND, str(Cause.MFA_REQUIRED.label), Actor.END_USER),
        ),
    ],
)
def test_account_and_sign_in_rule_by_the_paste(ticket, pasted, reason, expected):
    ticket.pasted = pasted
    found = of(ticket, reason)

    assert (found.standing, found.seen, found.actor) == expected


@pytest.mark.parametrize(
    ("said", "reason", "actor"),
    [
        ("several_accounts", Reason.OTHER_ACCOUNT, Actor.END_USER),
        ("conditional_access", Reason.SIGN_IN_RULE, Actor.TENANT_ADMIN),
        ("mfa", Reason.SIGN_IN_RULE, Actor.TENANT_ADMIN),
    ],
)
def test_account_and_sign_in_rule_by_the_persons_own_test(ticket, said, reason, actor):
    own_test(TicketFactory(request=ticket.request), "not_assigned")  # another's says nothing
    own_test(ticket, said)

    found = of(ticket, reason)

    assert (found.standing, found.source, found.actor) == (FOUND, Source.TEST, actor)


def test_forced_consent_in_the_paste_and_in_our_own_link(ticket):
    out = of(ticket, Reason.FORCED_CONSENT)
    ticket.pasted = "https://login.microsoftonline.com/common/oauth2/v2.0/authorize?prompt=consent"
    by_paste = of(ticket, Reason.FORCED_CONSENT)
    ticket.app.connect_url += "?prompt=consent"
    by_record = of(ticket, Reason.FORCED_CONSENT)

    assert [(each.standing, each.source, each.actor) for each in (out, by_paste, by_record)] == [
        (OUT, Source.RECORD, Actor.NOBODY),
        (FOUND, Source.PASTE, Actor.VENDOR),
        (FOUND, Source.RECORD, Actor.VENDOR),
    ]


def test_what_we_know_of_the_tenant_beats_the_paste(ticket):
    ticket.pasted = "AADSTS53003 at https://x.example/?prompt=consent"
    ticket.request.disabled_at = LONG_AGO

    assert examine(ticket, at=NOW).likeliest.reason == Reason.SWITCHED_OFF
