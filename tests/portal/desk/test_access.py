"""Who may sit at the desk."""

import pytest

from consent.models import Event
from tests.factories import UserFactory

PAGES = ["/desk/", "/desk/tickets/new/", "/desk/tickets/{0}/", "/desk/tenants/{1}/"]
ACTIONS = ["take", "reply", "note", "send", "check", "close", "agree"]
LINK_ACTIONS = ["resend", "rotate", "revoke", "answer"]


def addresses(ticket, link):
    """Every address of the desk: those to open, and those to post to."""
    opened = [page.format(ticket.number, ticket.tenant.pk) for page in PAGES]
    posted = [f"/desk/tickets/{ticket.number}/{action}/" for action in ACTIONS]
    posted += [f"/desk/links/{link.pk}/{action}/" for action in LINK_ACTIONS]
    return opened, [*posted, "/desk/tickets/new/"]


def test_desk_sends_strangers_to_the_sign_in(client, ticket, link):
    opened, posted = addresses(ticket, link)

    answers = [(page, client.get(page)) for page in opened]
    answers += [(page, client.post(page, {"message": "x"})) for page in posted]

    for page, answer in answers:
        assert (answer.status_code, answer["Location"]) == (
            302,
            f"/accounts/login/?next={page}",
        )
    assert Event.objects.count() == 0


def test_desk_is_closed_to_users_who_are_no_agents(client, ticket, link):
    client.force_login(UserFactory(is_staff=False))
    opened, posted = addresses(ticket, link)

    answers = [client.get(page) for page in opened]
    answers += [client.post(page, {"message": "x"}) for page in posted]

    assert {answer.status_code for answer in answers} == {403}
    assert Event.objects.count() == 0


def test_desk_pages_open_for_an_agent(desk, ticket, link):
    opened, _posted = addresses(ticket, link)

    assert {desk.get(page).status_code for page in opened} == {200}
    assert {desk.head(page).status_code for page in opened} == {200}


def test_actions_refuse_to_be_opened(desk, ticket, link):
    _opened, posted = addresses(ticket, link)

    answers = {desk.get(page).status_code for page in posted if "new" not in page}

    assert (answers, Event.objects.count()) == ({405}, 0)


def test_opening_a_page_changes_nothing(desk, ticket, link):
    opened, _posted = addresses(ticket, link)
    before = ticket.touched_at

    for page in opened:
        desk.get(page)

    ticket.refresh_from_db()
    assert (ticket.touched_at, Event.objects.count()) == (before, 0)


@pytest.mark.parametrize(
    "number", ["C-1", "C-99999999999999999999999", "C-x", "1042", "C--5", "%00", "C-²"]
)
def test_ticket_that_does_not_exist_is_not_found(desk, ticket, number):
    assert desk.get(f"/desk/tickets/{number}/").status_code == 404
    assert desk.post(f"/desk/tickets/{number}/take/").status_code == 404


def test_unknown_actions_and_links_are_not_found(desk, ticket, link):
    posted = [
        f"/desk/tickets/{ticket.number}/explode/",
        f"/desk/links/{link.pk}/explode/",
        f"/desk/links/{link.pk + 99}/revoke/",
        "/desk/tenants/99999/",
    ]
    answers = [desk.post(page, {"ticket": ticket.number}) for page in posted[:3]]

    assert {answer.status_code for answer in [*answers, desk.get(posted[3])]} == {404}


def test_agent_signs_in_by_address_and_password(client, db):
    user = UserFactory(email="lead@acme.example")
    user.set_password("a long enough one")
    user.save()

    assert client.get("/accounts/login/").status_code == 200
    wrong = client.post("/accounts/login/", {"login": user.email, "password": "wrong"})
    right = client.post(
        "/accounts/login/?next=/desk/", {"login": user.email, "password": "a long enough one"}
    )

    assert wrong.status_code == 200
    assert (right.status_code, right["Location"]) == (302, "/desk/")
    assert client.get("/desk/").status_code == 200


def test_nobody_signs_himself_up(client, db):
    page = client.post(
        "/accounts/signup/",
        {
            "email": "me@evil.example",
            "password1": "a long enough one",
            "password2": "a long enough one",
        },
    )

    assert page.status_code in {200, 403}
    assert type(UserFactory()).objects.filter(email="me@evil.example").count() == 0
