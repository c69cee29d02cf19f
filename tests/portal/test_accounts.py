"""Agents' accounts mail agents alone."""

import re

import pytest
from django.core.cache import cache
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from tenants.models import User

LOGIN, RESET = "/accounts/login/", "/accounts/password/reset/"


@pytest.fixture(autouse=True)
def uncounted(db) -> None:
    """Nobody has failed to sign in or asked for a password before."""
    cache.clear()


@pytest.mark.parametrize(
    ("address", "mailed"),
    [("stranger@anywhere.example", []), ("A@Acme.example", ["a@acme.example"])],
)
def test_forgotten_password_mails_agents_and_no_stranger(
    client, run_tasks, mailoutbox, address, mailed
) -> None:
    User.objects.create_user("a@acme.example", "a long password", is_staff=True)

    answer = client.post(RESET, {"email": address})

    assert answer.status_code == 302
    assert [to for mail in mailoutbox for to in mail.to] == mailed


def test_forgotten_password_costs_the_same_for_an_agent_and_a_stranger(
    client, mailoutbox, django_capture_on_commit_callbacks
) -> None:
    User.objects.create_user("a@acme.example", "a long password", is_staff=True)

    def cost(address: str) -> tuple[int, int, int]:
        cache.clear()
        captured = CaptureQueriesContext(connection)
        with captured as queries, django_capture_on_commit_callbacks() as rung:
            client.post(RESET, {"email": address})
        return len(queries), len(rung), len(mailoutbox)

    for_agent, for_stranger = cost("a@acme.example"), cost("z@anywhere.example")

    assert for_agent == for_stranger
    assert for_agent[1:] == (1, 0)


def test_fourth_forgotten_password_of_a_day_mails_nobody(client, run_tasks, mailoutbox) -> None:
    agent = User.objects.create_user("a@acme.example", "a long password", is_staff=True)

    told = [client.post(RESET, {"email": agent.email}).status_code for _ in range(4)]

    assert told == [302, 302, 302, 429]
    assert [to for mail in mailoutbox for to in mail.to] == [agent.email] * 3
    assert client.post(RESET, {"email": "b@acme.example"}).status_code == 302


def test_agent_who_left_meanwhile_is_sent_no_password(run_tasks, mailoutbox) -> None:
    agent = User.objects.create_user("a@acme.example", "a long password", is_active=False)

    run_tasks("accounts.mail_new_password", agent.pk)

    assert mailoutbox == []


def fail(address: str, n: int) -> int:
    """A try to sign in with a wrong password, from there through the proxy."""
    words = {"login": f"nobody-{n}@acme.example", "password": "wrong"}
    return Client(headers={"X-Forwarded-For": address}).post(LOGIN, words).status_code


def test_failures_behind_a_proxy_are_those_of_their_own_network(settings) -> None:
    settings.BEHIND_PROXY = True
    User.objects.create_user("a@acme.example", "a long password", is_staff=True)
    right = {"login": "a@acme.example", "password": "a long password"}

    failed = [fail("203.0.113.9", n) for n in range(11)]
    there = Client(headers={"X-Forwarded-For": "203.0.113.9"}).post(LOGIN, right)
    elsewhere = Client(headers={"X-Forwarded-For": "198.51.100.7"}).post(LOGIN, right)

    assert failed == [200] * 11
    assert (there.status_code, elsewhere.status_code) == (200, 302)


def test_agent_signs_in_over_a_unix_socket() -> None:
    User.objects.create_user("a@acme.example", "a long password", is_staff=True)
    right = {"login": "a@acme.example", "password": "a long password"}

    assert Client(REMOTE_ADDR="").post(LOGIN, right).status_code == 302


def test_failures_are_counted_for_all_processes_together() -> None:
    fail("203.0.113.9", 1)

    with connection.cursor() as cursor:
        cursor.execute("SELECT COUNT(*) FROM portal_cache")
        assert cursor.fetchone()[0] > 0


def test_agent_who_forgot_the_password_chooses_a_new_one(client, run_tasks, mailoutbox) -> None:
    agent = User.objects.create_user("a@acme.example", "a long password", is_staff=True)
    assert b'href="/accounts/password/reset/"' in client.get("/accounts/login/").content
    client.post(RESET, {"email": agent.email})
    (mail,) = mailoutbox
    assert mail.subject == "Your new password for the support desk"
    (link,) = re.findall(r"http://localhost:8000(/accounts/password/reset/key/\S+)", mail.body)

    form = client.get(link, follow=True)
    assert "Choose a new password" in form.content.decode()
    address = form.redirect_chain[-1][0]
    short = client.post(address, {"password1": "short", "password2": "short"})
    assert "at least 12 characters" in short.content.decode()
    chosen = {"password1": "correct horse battery", "password2": "correct horse battery"}
    done = client.post(address, chosen, follow=True)
    assert "Your password is new" in done.content.decode()

    agent.refresh_from_db()
    assert agent.check_password("correct horse battery")
    again = client.get(link, follow=True).content.decode()
    assert "This link does not work any more" in again


def test_signed_in_agent_changes_the_password(client) -> None:
    agent = User.objects.create_user("a@acme.example", "a long password", is_staff=True)
    client.force_login(agent)
    assert "Change your password" in client.get("/accounts/password/change/").content.decode()

    words = {"oldpassword": "wrong", "password1": "correct horse battery", "password2": "other"}
    wrong = client.post("/accounts/password/change/", words).content.decode()
    assert "Something is missing or not right" in wrong
    words |= {"oldpassword": "a long password", "password2": words["password1"]}
    client.post("/accounts/password/change/", words)

    agent.refresh_from_db()
    assert agent.check_password("correct horse battery")
