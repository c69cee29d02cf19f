"""Agents' accounts mail agents alone."""

import re

import pytest

from tenants.models import User


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("address", "mailed"),
    [("stranger@anywhere.example", []), ("a@acme.example", ["a@acme.example"])],
)
def test_forgotten_password_mails_agents_and_no_stranger(
    client, mailoutbox, address, mailed
) -> None:
    User.objects.create_user("a@acme.example", "a long password", is_staff=True)

    answer = client.post("/accounts/password/reset/", {"email": address})

    assert answer.status_code == 302
    assert [to for mail in mailoutbox for to in mail.to] == mailed


@pytest.mark.django_db
def test_agent_who_forgot_the_password_chooses_a_new_one(client, mailoutbox) -> None:
    agent = User.objects.create_user("a@acme.example", "a long password", is_staff=True)
    assert b'href="/accounts/password/reset/"' in client.get("/accounts/login/").content
    client.post("/accounts/password/reset/", {"email": agent.email})
    (mail,) = mailoutbox
    assert mail.subject == "Your new password for the support desk"
    (link,) = re.findall(r"http://testserver(/accounts/password/reset/key/\S+)", mail.body)

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


@pytest.mark.django_db
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
