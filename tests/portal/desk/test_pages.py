"""Queue, ticket and tenant: what they show, and how many queries it takes."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from consent import events
from consent.actors import WORKER
from consent.models import Event, Ticket
from tests.factories import (
    ApprovalLinkFactory,
    CheckFactory,
    ConsentRequestFactory,
    ContactFactory,
    EvidenceFactory,
    GrantFactory,
    OutboxMessageFactory,
    ReplyFactory,
    TenantDomainFactory,
    TicketFactory,
    UserFactory,
    WatchFactory,
)

MARKUP = "<script>alert(1)</script>"


def numbers(desk, **query):
    """The numbers of the tickets that the queue shows, in order."""
    return [ticket.number for ticket in desk.get("/desk/", query).context["page"]]


def queries(desk, page):
    """How many queries that page takes."""
    with CaptureQueriesContext(
        connection,
    ) as captured:
        assert desk.get(page).status_code == 200
    return len(captured)


def crowd(count):
    """Tickets in requests of their own, each taken by an agent."""
    for _number in range(count):
        request = ConsentRequestFactory(asked=True)
        TenantDomainFactory(tenant=request.tenant)
        TicketFactory(request=request, agent=UserFactory())


def test_queue_takes_as_many_queries_for_three_rows_as_for_one(desk):
    crowd(1)
    one = queries(desk, "/desk/")
    crowd(2)
    three = queries(desk, "/desk/")

    assert (one, three, len(numbers(desk))) == (10, 10, 3)


def busy(request, ticket, agent, count):
    """That many of everything around a ticket."""
    watch = WatchFactory(of=request)
    for _one in range(count):
        TicketFactory(request=request, waiting=True)
        ApprovalLinkFactory(request=request)
        ReplyFactory(ticket=ticket, author="agent", agent=agent)
        ReplyFactory(ticket=ticket, contact=ContactFactory())
        OutboxMessageFactory(ticket=ticket)
        EvidenceFactory(request=request)
        CheckFactory(watch=watch)
        events.record(Event.Kind.LOOKED, by=WORKER, ticket=ticket)


def test_ticket_takes_as_many_queries_for_three_rows_as_for_one(desk, agent):
    counted = []
    for count in (1, 3):
        request = ConsentRequestFactory(asked=True)
        TenantDomainFactory(tenant=request.tenant)
        ticket = TicketFactory(request=request)
        busy(request, ticket, agent, count)
        counted.append(queries(desk, f"/desk/tickets/{ticket.number}/"))

    assert counted[0] == counted[1]
    assert counted[0] <= 22


def test_tenant_takes_as_many_queries_for_three_rows_as_for_one(desk):
    counted = []
    for count in (1, 3):
        request = ConsentRequestFactory(asked=True)
        TenantDomainFactory(tenant=request.tenant)
        for number in range(count):
            TicketFactory(request=request)
            GrantFactory(tenant=request.tenant, app=request.app, value=f"Scope.{number}")
            ConsentRequestFactory(tenant=request.tenant)
            events.record(Event.Kind.LOOKED, by=WORKER, request=request)
        counted.append(queries(desk, f"/desk/tenants/{request.tenant.pk}/"))

    assert counted[0] == counted[1]


def test_queue_shows_each_ticket_in_its_view_longest_untouched_first(desk, agent):
    tickets = {
        state: TicketFactory(**({} if state == "open" else {state: True}))
        for state in ("unconfirmed", "open", "waiting", "ready", "solved", "closed")
    }
    older = TicketFactory()
    Ticket.objects.filter(pk=older.pk).update(
        touched_at=older.touched_at.replace(year=2020), agent=agent
    )

    def shown(view):
        return numbers(desk, view=view)

    assert shown("todo") == shown("no-such-view") == [older.number, tickets["open"].number]
    assert shown("mine") == [older.number]
    assert shown("waiting") == [tickets["waiting"].number]
    assert shown("ready") == [tickets["ready"].number]
    assert shown("unconfirmed") == [tickets["unconfirmed"].number]
    assert shown("done") == [tickets["solved"].number, tickets["closed"].number]
    assert len(shown("all")) == 7
    counts = {view["name"]: view["count"] for view in desk.get("/desk/").context["views"]}
    assert counts == {
        "todo": 2,
        "mine": 1,
        "waiting": 1,
        "ready": 1,
        "unconfirmed": 1,
        "done": 2,
        "all": 7,
    }


def test_queue_finds_by_number_address_domain_and_tenant(desk, ticket, asked):
    TicketFactory()

    for words in (
        ticket.number,
        ticket.number.lower(),
        "ANA@contoso",
        "contoso.example",
        asked.tenant.tenant_id.upper(),
    ):
        assert numbers(desk, q=words) == [ticket.number], words


@pytest.mark.parametrize(
    "words",
    [MARKUP, "\0", "C-9999999999999999999999", "C-1", "%", "x" * 5000, "' OR 1=1 --"],
    ids=["markup", "nul", "huge", "small", "percent", "long", "sql"],
)
def test_queue_finds_nothing_for_odd_words_and_says_so(desk, words):
    page = desk.get("/desk/", {"q": words, "page": "-3"})

    assert (page.status_code, MARKUP in page.content.decode()) == (200, False)
    assert list(page.context["page"]) == []


def test_ticket_page_shows_what_people_typed_without_running_it(desk, ticket, asked):
    Ticket.objects.filter(pk=ticket.pk).update(
        name=MARKUP, note=f"Note {MARKUP}", pasted=f"Paste {MARKUP}"
    )
    ReplyFactory(ticket=ticket, body=f"Words {MARKUP}")
    ApprovalLinkFactory(request=asked, declined=True, decline_note=f"Never {MARKUP}")

    text = desk.get(f"/desk/tickets/{ticket.number}/").content.decode()

    assert MARKUP not in text
    for word in ("Note", "Paste", "Words", "Never"):
        assert f"{word} &lt;script&gt;" in text


@pytest.mark.parametrize(
    ("request_state", "ticket_state", "words"),
    [
        ({}, {}, "Find an administrator"),
        ({"claimed": True}, {"waiting": True}, "Wait for the proof"),
        ({"granted": True}, {"ready": True}, "Ask whether it works now"),
        ({"declined": True}, {}, "Write to the requester what the decline means"),
        ({"expired": True}, {}, "Take it up again with a new link"),
        ({"asked": True, "looks_approved": True}, {"waiting": True}, "It looks approved"),
        ({"granted": True}, {"solved": True}, "Nothing is left to do"),
    ],
)
def test_ticket_page_proposes_one_next_step(desk, request_state, ticket_state, words):
    ticket = TicketFactory(request=ConsentRequestFactory(**request_state), **ticket_state)

    assert words in desk.get(f"/desk/tickets/{ticket.number}/").content.decode()


def test_next_step_names_the_administrator_who_was_named_or_asked(desk, ticket, asked):
    named = TicketFactory(
        request=ConsentRequestFactory(), administrator=ContactFactory(email="boss@x.example")
    )

    text = desk.get(f"/desk/tickets/{ticket.number}/").content.decode()
    assert "Wait: admin@contoso.example was asked on" in text
    text = desk.get(f"/desk/tickets/{named.number}/").content.decode()
    assert ("Send the link to the administrator" in text, "boss@x.example" in text) == (True, True)


def test_next_step_of_tickets_without_a_request(desk, asked):
    steps = {
        TicketFactory(unconfirmed=True): "Wait until the address is confirmed",
        TicketFactory(): "Find out which organisation this is",
        TicketFactory(tenant=asked.tenant): "not offered in their cloud",
    }

    for ticket, words in steps.items():
        assert words in desk.get(f"/desk/tickets/{ticket.number}/").content.decode()


def test_next_step_of_a_shared_link_is_to_wait(desk):
    link = ApprovalLinkFactory(shared=True)
    ticket = TicketFactory(request=link.request, waiting=True)

    page = desk.get(f"/desk/tickets/{ticket.number}/").content.decode()
    assert "Wait: the requester passes the link on" in page


def test_next_step_of_a_granted_app_that_is_switched_off(desk):
    request = ConsentRequestFactory(granted=True)
    type(request).objects.update(disabled_at=request.granted_at)
    ticket = TicketFactory(request=request, waiting=True)

    page = desk.get(f"/desk/tickets/{ticket.number}/").content.decode()
    assert "Tell them that the app is switched off" in page


def test_tenant_page_tells_its_whole_story(desk, ticket, asked):
    GrantFactory(tenant=asked.tenant, app=asked.app, value="Mail.Read")

    text = desk.get(f"/desk/tenants/{asked.tenant.pk}/").content.decode()

    for words in ("contoso.example", asked.tenant.tenant_id, ticket.number, "Mail.Read"):
        assert words in text
