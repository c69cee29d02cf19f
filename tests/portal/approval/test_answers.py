"""What an administrator sends, good and bad."""

from datetime import timedelta

import pytest
from django.utils import timezone

from consent.models import ApprovalLink, ConsentRequest, Event, OutboxMessage, Reply
from tenants.models import Contact
from tests.factories import ApprovalLinkFactory, ContactFactory, seeded_tenant


def in_days(days):
    """That day as a form sends it."""
    return f"{timezone.localdate() + timedelta(days=days)}"


def row(link):
    """The link as the database has it."""
    return ApprovalLink.objects.get(pk=link.pk)


def test_decline_closes_the_link_with_its_reason_and_leaves_the_request(client, link, asked, path):
    answer = client.post(
        path(link, "decline/"), {"reason": "too_broad", "note": "  Why <b>Mail.Send</b>?  "}
    )

    assert (answer.status_code, answer["Location"]) == (303, path(link, "result/"))
    closed = row(link)
    assert (closed.state, closed.decline_reason, closed.decline_note) == (
        "declined",
        "too_broad",
        "Why <b>Mail.Send</b>?",
    )
    assert ConsentRequest.objects.get(pk=asked.pk).state == "asked"
    text = client.get(path(link, "result/")).content.decode()
    assert ("You have declined" in text, 'id="undo"' in text) == (True, True)


def test_decline_sent_twice_is_one(client, link, path):
    for _click in range(2):
        client.post(path(link, "decline/"), {"reason": "other"})

    assert list(Event.objects.values_list("kind", flat=True)) == ["link_declined"]


@pytest.mark.parametrize(
    ("action", "fields", "wrong"),
    [
        ("decline/", {}, "decline_form"),
        ("decline/", {"reason": "because"}, "decline_form"),
        ("decline/", {"reason": "other", "note": "x" * 501}, "decline_form"),
        ("decline/", {"reason": "other", "note": "a\0b"}, "decline_form"),
        ("later/", {}, "later_form"),
        ("later/", {"until": "soon"}, "later_form"),
        ("later/", {"until": "2026-02-31"}, "later_form"),
        ("later/", {"until": "9999999999-01-01"}, "later_form"),
        ("ask/", {}, "ask_form"),
        ("ask/", {"message": " \n "}, "ask_form"),
        ("ask/", {"message": "x" * 5001}, "ask_form"),
        ("ask/", {"message": "a\0b"}, "ask_form"),
        ("forward/", {}, "forward_form"),
        ("forward/", {"email": "the boss"}, "forward_form"),
        ("forward/", {"email": "ben@contoso.example\nBcc: x@y.example"}, "forward_form"),
        ("forward/", {"email": "<script>@contoso.example"}, "forward_form"),
    ],
)
def test_bad_input_is_the_page_with_a_sentence_and_changes_nothing(
    client, link, path, action, fields, wrong
):
    page = client.post(path(link, action), fields)

    assert (page.status_code, bool(page.context[wrong].errors)) == (422, True)
    text = page.content.decode()
    assert 'id="continue"' in text
    assert str(next(iter(page.context[wrong].errors.values()))[0]) in page.content.decode().replace(
        "&#x27;", "'"
    )
    assert row(link).state == "live"
    assert (Reply.objects.count(), Event.objects.count(), OutboxMessage.objects.count()) == (
        0,
        0,
        0,
    )


@pytest.mark.parametrize("days", [-1, 0, 31])
def test_later_is_a_day_from_tomorrow_on_within_thirty(client, link, path, days):
    page = client.post(path(link, "later/"), {"until": in_days(days)})

    assert page.status_code == 422
    assert "at most 30 days ahead" in page.content.decode()


@pytest.mark.parametrize("days", [1, 30])
def test_later_keeps_the_day_and_the_link(client, link, path, days):
    answer = client.post(path(link, "later/"), {"until": in_days(days), "note": "On leave"})

    assert answer["Location"] == f"{path(link)}?said=later"
    assert (row(link).state, str(row(link).later_until)) == ("live", in_days(days))
    assert [reply.body for reply in Reply.objects.order_by("pk")] == ["On leave"]


def test_not_me_closes_the_link_and_an_agent_has_to_find_another(client, link, ticket, path):
    for _click in range(2):
        client.post(path(link, "not-me/"))

    assert row(link).state == "not_me"
    ticket.refresh_from_db()
    assert (ticket.state, ticket.request.state) == ("open", "triage")
    assert list(Event.objects.values_list("kind", flat=True)) == ["link_not_me", "request_back"]


def test_question_is_kept_for_an_agent(client, link, ticket, path):
    answer = client.post(path(link, "ask/"), {"message": "Who <i>are</i> you?"})

    assert answer["Location"] == f"{path(link)}?said=asked"
    written = Reply.objects.get()
    assert (written.ticket, written.author, written.body, written.to_administrator) == (
        ticket,
        "administrator",
        "Who <i>are</i> you?",
        True,
    )
    assert "Who &lt;i&gt;are&lt;/i&gt; you?" in client.get(path(link)).content.decode()


def test_forward_within_the_organisation_mails_the_colleague(client, link, path):
    answer = client.post(path(link, "forward/"), {"email": "Ben@Contoso.example"})

    assert answer["Location"] == f"{path(link)}?said=forwarded"
    passed = ApprovalLink.objects.get(way="forwarded")
    assert (passed.recipient.email, passed.state) == ("ben@contoso.example", "live")
    assert [(mail.kind, mail.to.email) for mail in OutboxMessage.objects.order_by("pk")] == [
        ("approval_request", "ben@contoso.example")
    ]


def test_forward_to_the_same_colleague_twice_is_one_link_and_one_mail(client, link, path):
    for _click in range(2):
        client.post(path(link, "forward/"), {"email": "ben@contoso.example"})

    assert ApprovalLink.objects.count() == 2
    assert OutboxMessage.objects.count() == 1


@pytest.mark.parametrize("address", ["ben@fabrikam.example", "ben@gmail.com"])
def test_forward_to_another_organisation_mails_nobody(client, link, path, microsoft, address):
    seeded_tenant("fabrikam")

    answer = client.post(path(link, "forward/"), {"email": address})

    assert answer["Location"] == f"{path(link)}?said=other_tenant"
    assert (ApprovalLink.objects.count(), OutboxMessage.objects.count()) == (1, 0)
    assert [reply.body for reply in Reply.objects.order_by("pk")] == [address]


def test_fourth_outsider_is_refused_and_leaves_nothing_behind(client, link, path, microsoft):
    seeded_tenant("fabrikam")
    before = Contact.objects.count()

    said = [
        client.post(path(link, "forward/"), {"email": f"it-{number}@fabrikam.example"}).url
        for number in range(4)
    ]

    assert said == [
        f"{path(link)}?said={word}" for word in ["other_tenant"] * 3 + ["too_many_links"]
    ]
    assert (Reply.objects.count(), Contact.objects.count()) == (3, before)


def test_forward_through_a_closed_link_leaves_no_address_behind(client, asked, path):
    link, before = ApprovalLinkFactory(request=asked, not_me=True), Contact.objects.count()

    answer = client.post(path(link, "forward/"), {"email": "ben@contoso.example"})

    assert (answer.url, Contact.objects.count()) == (f"{path(link)}?said=not_open", before)


def test_forward_to_who_said_not_to_be_the_one_is_refused_in_words(client, link, asked, path):
    other = ContactFactory(email="ben@contoso.example")
    ApprovalLinkFactory(request=asked, not_me=True, recipient=other)

    answer = client.post(path(link, "forward/"), {"email": other.email})

    assert answer.url == f"{path(link)}?said=not_again"
    assert (
        "We do not write to this person about it again" in client.get(answer.url).content.decode()
    )
    assert OutboxMessage.objects.count() == 0


@pytest.mark.parametrize("is_customer", [True, False])
def test_forward_elsewhere_asks_microsoft_whether_we_know_them_or_not(
    client, link, path, microsoft, is_customer
):
    if is_customer:
        seeded_tenant("fabrikam")

    client.post(path(link, "forward/"), {"email": "ben@fabrikam.example"})

    assert microsoft.state()["calls"] == {"fabrikam.example": {"metadata": 1}}


def test_forward_where_microsoft_cannot_be_asked_goes_to_an_agent(client, link, path, microsoft):
    microsoft.control({"faults": {"metadata": {"503": 1.0}}})

    answer = client.post(path(link, "forward/"), {"email": "ben@relecloud.example"})

    assert answer["Location"] == f"{path(link)}?said=other_tenant"


def test_forward_is_refused_after_three_times(client, link, asked, path):
    ApprovalLink.objects.filter(pk=link.pk).update(forwards=3)

    answer = client.post(path(link, "forward/"), {"email": "ben@contoso.example"})

    assert answer["Location"] == f"{path(link)}?said=too_many_links"
    assert OutboxMessage.objects.count() == 0
    assert 'id="forward"' not in client.get(path(link)).content.decode()


def test_undo_brings_the_link_back_while_there_is_room(client, asked, ticket, path):
    link = ApprovalLinkFactory(request=asked, declined=True, from_ticket=ticket)

    assert client.post(path(link, "undo/"))["Location"] == f"{path(link)}?said=undone"
    assert (row(link).state, row(link).decline_reason) == ("live", "")
    assert client.post(path(link, "undo/"))["Location"] == f"{path(link)}?said=not_open"


def test_what_microsoft_showed_is_told_to_an_agent_and_causes_a_look(client, link, path):
    answer = client.post(path(link, "saw/"), {"seen": "need_admin"})

    assert answer["Location"] == f"{path(link)}?said=saw_need_admin"
    told = Event.objects.filter(kind="link_saw").values_list("link_id", "detail")
    assert (list(told), Reply.objects.count()) == ([(link.pk, "need_admin")], 0)


def test_what_microsoft_cannot_have_shown_is_told_to_nobody(client, link, path):
    client.post(path(link, "saw/"), {"seen": "<script>alert(1)</script>"})

    assert Reply.objects.count() == 0
