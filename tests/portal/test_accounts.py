"""Agents' accounts mail agents alone."""

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
