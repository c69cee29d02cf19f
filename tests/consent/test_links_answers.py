"""What an administrator may answer besides declining: later, not me, a question, a colleague."""

from datetime import UTC, date, datetime

import pytest

from consent import links, requests, talks
from consent.actors import WORKER
from consent.errors import NotOpen, OtherTenant, TooManyLinks
from consent.models import Reply
from tests.consent.rows_stage import events, mailed, state_of
from tests.factories import (
    ApprovalLinkFactory,
    ConsentRequestFactory,
    ContactFactory,
    TenantFactory,
    TicketFactory,
    UserFactory,
)

pytestmark = pytest.mark.django_db

NOON = datetime(2026, 1, 5, 12, 0, tzinfo=UTC)


def decline(link):
    links.decline(link, reason="too_broad", note=" Why the mails? ")


@pytest.mark.parametrize(
    "answer",
    [
        decline,
        lambda link: links.later(link, until=date(2026, 2, 1), note=""),
        links.not_me,
        lambda link: links.forward(link, to=ContactFactory(), tenant=link.request.tenant),
    ],
)
def test_answer_through_a_closed_link_or_of_a_decided_request_is_refused(answer):
    for link in [
        ApprovalLinkFactory(expired=True),
        ApprovalLinkFactory(request=ConsentRequestFactory(granted=True)),
    ]:
        with pytest.raises(NotOpen):
            answer(link)

    assert (events(), mailed()) == ([], [])


def test_later_is_no_decline(link):
    links.later(link, until=date(2026, 2, 1), note="After the audit.")

    assert (state_of(link), link.later_until) == ("live", date(2026, 2, 1))
    assert [(reply.author, reply.body) for reply in Reply.objects.order_by("pk")] == [
        ("administrator", "After the audit.")
    ]
    assert events() == [("link_later", "2026-02-01")]


def test_later_without_a_word_writes_none(link):
    links.later(link, until=date(2026, 2, 1), note="  ")

    assert Reply.objects.count() == 0


def test_not_me_closes_the_link_and_an_agent_finds_the_right_one(link):
    links.not_me(link)

    assert (link.state, state_of(link.request), state_of(link.from_ticket)) == (
        "not_me",
        "triage",
        "open",
    )
    assert events() == [("link_not_me", ""), ("request_back", "")]


def test_forward_gives_the_colleague_a_link_of_his_own(link):
    colleague = ContactFactory()

    passed = links.forward(link, to=colleague, tenant=link.request.tenant)

    assert (passed.way, passed.recipient, passed.from_ticket, passed.request) == (
        "forwarded",
        colleague,
        link.from_ticket,
        link.request,
    )
    assert (state_of(link), link.forwards) == ("live", 1)
    assert mailed() == [("approval_request", colleague)]
    assert [kind for kind, _detail in events()] == ["link_sent", "link_forwarded"]


def test_forward_to_another_tenant_or_none_is_refused(link):
    for tenant in (TenantFactory(), None):
        with pytest.raises(OtherTenant):
            links.forward(link, to=ContactFactory(), tenant=tenant)

    link.refresh_from_db()
    assert (link.forwards, mailed()) == (0, [])


def test_forward_a_fourth_time_is_refused(link):
    for _ in range(3):
        passed = links.forward(link, to=ContactFactory(), tenant=link.request.tenant)
        passed.move("revoked", closed_at=NOON)

    with pytest.raises(TooManyLinks):
        links.forward(link, to=ContactFactory(), tenant=link.request.tenant)

    assert len(mailed()) == 3


def test_forward_where_three_links_live_counts_nothing(link):
    ApprovalLinkFactory.create_batch(2, request=link.request)

    with pytest.raises(TooManyLinks):
        links.forward(link, to=ContactFactory(), tenant=link.request.tenant)

    link.refresh_from_db()
    assert (link.forwards, mailed(), events()) == (0, [], [])


def test_forward_to_another_organisation_is_put_before_an_agent(link):
    links.name_outsider(link, email="it@partner.example")

    reply = Reply.objects.get()
    assert (reply.ticket, reply.body, reply.to_administrator) == (
        link.from_ticket,
        "it@partner.example",
        True,
    )
    assert (events(), mailed()) == ([("link_named_outsider", "")], [])


def test_addresses_of_other_organisations_count_among_the_forwards(link):
    for number in range(3):
        links.name_outsider(link, email=f"it-{number}@partner.example")

    for refused in (
        lambda: links.name_outsider(link, email="it@partner.example"),
        lambda: links.forward(link, to=ContactFactory(), tenant=link.request.tenant),
    ):
        with pytest.raises(TooManyLinks):
            refused()

    link.refresh_from_db()
    assert (link.forwards, Reply.objects.count(), mailed()) == (3, 3, [])


def test_question_is_a_reply_on_the_ticket_and_the_ticket_is_with_us(link):
    talks.question(link, message=" Which data?\0 " + "x" * 6000)

    reply = Reply.objects.get()
    assert (reply.author, reply.contact, reply.to_administrator, len(reply.body)) == (
        "administrator",
        link.recipient,
        True,
        5000,
    )
    assert state_of(link.from_ticket) == "open"
    assert events() == [("question_asked", "")]


def test_question_through_a_link_sent_for_no_ticket_stands_on_the_oldest():
    link = ApprovalLinkFactory()
    oldest, _newer = TicketFactory.create_batch(2, request=link.request)

    talks.question(link, message="Which data?")

    assert Reply.objects.get().ticket == oldest


def test_question_through_a_link_whose_tickets_moved_on_follows_them():
    link = ApprovalLinkFactory(request=ConsentRequestFactory(expired=True), expired=True)
    ticket = TicketFactory(request=link.request)
    requests.succeed(link.request, by=WORKER)

    talks.question(link, message="Which data?")

    assert Reply.objects.get().ticket == ticket


def test_answer_is_mailed_to_the_administrator_and_hidden_from_the_requester(link):
    agent = UserFactory()

    written = talks.answer(link, body="Only the calendars.", by=agent)

    assert (written.is_public, written.to_administrator, written.ticket) == (
        False,
        True,
        link.from_ticket,
    )
    assert mailed() == [("administrator_reply", link.recipient)]
    assert events() == [("ticket_replied", "")]


def test_answer_to_nobody_by_name_is_refused():
    with pytest.raises(NotOpen):
        talks.answer(ApprovalLinkFactory(shared=True), body="Hello?", by=UserFactory())
