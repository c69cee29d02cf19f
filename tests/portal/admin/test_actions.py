"""The desk's actions in the back office: the same services, and a sentence for each refusal."""

import pytest

from consent.models import ApprovalLink, Event, OutboxMessage, Watch
from tests.factories import (
    ApprovalLinkFactory,
    ConsentRequestFactory,
    ContactFactory,
    EventFactory,
    OutboxMessageFactory,
    ReplyFactory,
    TicketFactory,
    now_plus,
)

NO_REQUEST = "It belongs to no request: its tenant is not known, or not ours to ask."
DECIDED = "That was decided meanwhile. This page shows how it stands now."


def trail(agent):
    """What the agent did, by kind."""
    return list(
        Event.objects.filter(actor="agent", actor_id=agent.pk).values_list("kind", flat=True)
    )


def test_send_link_on_a_ticket_to_the_administrator_named_there(act, agent):
    named = ContactFactory(email="it@company.example")
    ticket = TicketFactory(request=ConsentRequestFactory(), administrator=named)

    said = act("send_link", ticket)

    link = ApprovalLink.objects.get()
    ticket.refresh_from_db()
    assert said == ["Done for 1 row."]
    assert (link.recipient, link.from_ticket, link.state) == (named, ticket, "live")
    assert (ticket.state, ticket.request.state) == ("waiting", "asked")
    assert OutboxMessage.objects.get().kind == "approval_request"
    assert trail(agent) == ["request_asked", "link_sent"]


def test_send_link_on_a_ticket_to_the_address_given(act):
    ticket = TicketFactory(request=ConsentRequestFactory(), administrator=ContactFactory())

    act("send_link", ticket, email=" Boss@Company.Example ")

    assert ApprovalLink.objects.get().recipient.email == "boss@company.example"


def test_send_link_to_nonsense_sends_nothing(act):
    ticket = TicketFactory(request=ConsentRequestFactory(), administrator=ContactFactory())

    said = act("send_link", ticket, email="boss")

    assert said == ["This is not an e-mail address. It looks like name@company.com."]
    assert ApprovalLink.objects.count() == 0


def test_send_link_tells_for_which_rows_it_was_refused(act):
    named = ContactFactory()
    good = TicketFactory(request=ConsentRequestFactory(), administrator=named)
    nobody = TicketFactory(request=ConsentRequestFactory())
    without_request = TicketFactory(administrator=named)
    full = TicketFactory(request=ConsentRequestFactory(asked=True), administrator=named)
    for _number in range(3):
        ApprovalLinkFactory(request=full.request)

    said = act("send_link", good, nobody, without_request, full)

    three = (
        "Three administrators have a link already. One of them has to answer first, or our support "
        "withdraws one."
    )
    assert sorted(said) == sorted(
        [
            f"{nobody.number}: It names no administrator. Type an address beside the action.",
            f"{without_request.number}: {NO_REQUEST}",
            f"{full.number}: {three}",
            "Done for 1 row.",
        ]
    )


def test_send_link_on_a_request_needs_an_address(act):
    request = ConsentRequestFactory()

    said = act("send_link", request)

    assert said == ["To which administrator?"]
    assert ApprovalLink.objects.count() == 0


def test_send_link_on_a_request(act, agent):
    request = ConsentRequestFactory()

    said = act("send_link", request, email="boss@company.example")

    link = ApprovalLink.objects.get()
    assert (said, link.recipient.email) == (["Done for 1 row."], "boss@company.example")
    assert trail(agent) == ["request_asked", "link_sent"]


@pytest.mark.parametrize("on_ticket", [True, False])
def test_check_now_rings_for_a_look(act, agent, on_ticket):
    request = ConsentRequestFactory(asked=True)
    row = TicketFactory(request=request) if on_ticket else request

    said = act("check_now", row)

    watch = Watch.objects.get(tenant=request.tenant, app=request.app)
    assert (said, watch.signals, trail(agent)) == (["Done for 1 row."], 1, ["looked"])


def test_check_now_on_a_ticket_without_a_request(act):
    ticket = TicketFactory()

    assert act("check_now", ticket) == [f"{ticket.number}: {NO_REQUEST}"]


def test_take_and_close_tickets(act, agent):
    one, other = TicketFactory(), TicketFactory()

    taken = act("take", one, other)
    closed = act("close", one)

    one.refresh_from_db()
    other.refresh_from_db()
    assert (taken, closed) == (["Done for 2 rows."], ["Done for 1 row."])
    assert (one.agent, one.state) == (agent, "closed")
    assert (other.agent, other.state) == (agent, "open")


def test_status_page_moves(act, agent):
    ticket, stranger = TicketFactory(), TicketFactory(unconfirmed=True)

    said = act("move_status_page", ticket, stranger)

    for row in (ticket, stranger):
        row.refresh_from_db()
    assert (ticket.link_version, stranger.link_version) == (2, 1)
    assert sorted(said) == [
        f"{stranger}: That was decided meanwhile. This page shows how it stands now.",
        "Done for 1 row.",
    ]
    assert trail(agent) == ["ticket_rotated"]


def test_close_of_an_unconfirmed_ticket_is_refused(act):
    ticket = TicketFactory(unconfirmed=True)

    assert act("close", ticket) == [f"{ticket.number}: {DECIDED}"]


def test_resend_rotate_and_revoke_a_link(act, agent):
    link = ApprovalLinkFactory(request=ConsentRequestFactory(asked=True))
    TicketFactory(request=link.request, waiting=True)

    said = [act(name, link) for name in ("resend", "rotate", "revoke")]

    link.refresh_from_db()
    link.request.refresh_from_db()
    assert said == [["Done for 1 row."]] * 3
    assert (link.version, link.state, link.request.state) == (2, "revoked", "triage")
    assert trail(agent) == ["link_sent", "link_rotated", "link_revoked"]
    assert OutboxMessage.objects.filter(kind="approval_request").count() == 2


@pytest.mark.parametrize("action", ["resend", "rotate", "revoke"])
def test_actions_on_a_closed_link_are_refused(act, action):
    link = ApprovalLinkFactory(expired=True)

    assert act(action, link) == [f"{link}: {DECIDED}"]


def test_send_again_queues_what_was_given_up_and_nothing_else(act):
    failed = OutboxMessageFactory(failed=True, error="SMTPException")
    sent, sending = OutboxMessageFactory(sent=True), OutboxMessageFactory(sending=True)

    said = act("send_again", failed, sent, sending)

    rows = {row.pk: (row.state, row.attempts, row.error) for row in OutboxMessage.objects.all()}
    assert sorted(said) == sorted(
        ["Done for 1 row.", f"{sent}: {DECIDED}", f"{sending}: {DECIDED}"]
    )
    assert rows == {
        failed.pk: ("queued", 0, ""),
        sent.pk: ("sent", 1, ""),
        sending.pk: ("sending", 1, ""),
    }


def test_ticket_is_found_by_its_number(desk):
    ticket = TicketFactory()
    TicketFactory()

    found = desk.get("/admin/consent/ticket/", {"q": f" {ticket.number.lower()} "})

    assert list(found.context["cl"].result_list) == [ticket]


def test_events_are_found_by_ticket_request_and_detail(desk):
    ticket, request = TicketFactory(), ConsentRequestFactory()
    of_ticket = EventFactory(ticket_id=ticket.pk)
    of_request = EventFactory(request_id=request.pk, detail="directory")

    found = {
        words: list(desk.get("/admin/consent/event/", {"q": words}).context["cl"].result_list)
        for words in (ticket.number, str(request.pk), "directory")
    }

    assert found == {
        ticket.number: [of_ticket],
        str(request.pk): [of_request],
        "directory": [of_request],
    }


def test_rows_lead_to_the_desk(desk):
    ticket = TicketFactory(request=ConsentRequestFactory())
    tenant = ticket.tenant
    rows = {
        ticket: f"/desk/tickets/{ticket.number}/",
        ticket.request: f"/desk/tenants/{tenant.pk}/",
        tenant: f"/desk/tenants/{tenant.pk}/",
        ReplyFactory(ticket=ticket): f"/desk/tickets/{ticket.number}/",
        EventFactory(ticket_id=ticket.pk): f"/desk/tickets/{ticket.number}/",
        EventFactory(tenant_id=tenant.pk): f"/desk/tenants/{tenant.pk}/",
        EventFactory(): None,
    }

    led = {}
    for row in rows:
        name = row._meta.label_lower.replace(".", "/")
        led[row] = desk.get(f"/admin/{name}/{row.pk}/change/").context["absolute_url"]

    assert led == rows


def test_desk_leads_to_the_back_office(desk):
    ticket = TicketFactory(request=ConsentRequestFactory())

    at_desk = desk.get(f"/desk/tickets/{ticket.number}/").content.decode()

    assert f'href="/admin/consent/ticket/{ticket.pk}/change/"' in at_desk


def test_agents_name_a_tenant(desk):
    tenant = ConsentRequestFactory().tenant

    answer = desk.post(
        f"/admin/tenants/tenant/{tenant.pk}/change/",
        {
            "name": "Contoso",
            "tenant_id": "not this",
            "domains-TOTAL_FORMS": 0,
            "domains-INITIAL_FORMS": 0,
        },
    )

    was = tenant.tenant_id
    tenant.refresh_from_db()
    assert (answer.status_code, tenant.name, tenant.tenant_id) == (302, "Contoso", was)


def test_action_needs_no_row_from_another_page(act):
    link = ApprovalLinkFactory(sent_at=now_plus(days=-3))

    act("resend", link)

    assert ApprovalLink.objects.get().sent_at > link.created_at
