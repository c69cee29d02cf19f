"""Who gets into the back office, and by which door."""

import pytest
from allauth.mfa.models import Authenticator
from allauth.socialaccount.models import SocialApp, SocialToken
from django.contrib import admin
from django.contrib.auth.models import Group
from django.urls import reverse

from tests.factories import UserFactory


def test_back_office_sends_strangers_to_the_desks_sign_in(client, db):
    first = client.get("/admin/consent/ticket/")
    second = client.get(first.url)

    assert first.url == "/admin/login/?next=/admin/consent/ticket/"
    assert second.url == "/accounts/login/?next=%2Fadmin%2Fconsent%2Fticket%2F"


def test_back_office_takes_no_password_of_its_own(client, db):
    UserFactory(email="lead@acme.example", is_superuser=True)
    user = type(UserFactory()).objects.get(email="lead@acme.example")
    user.set_password("a-long-pass-phrase")
    user.save()

    answer = client.post(
        "/admin/login/", {"username": "lead@acme.example", "password": "a-long-pass-phrase"}
    )

    assert (answer.status_code, answer.url) == (302, "/accounts/login/?next=%2Fadmin%2Flogin%2F")
    assert "_auth_user_id" not in client.session


def test_back_office_is_closed_to_users_who_are_no_agents(client, db):
    client.force_login(UserFactory(is_staff=False))

    followed = client.get("/admin/", follow=True)

    assert followed.status_code == 403


def test_agents_see_the_desks_models_and_no_accounts(desk):
    listed = {
        model["object_name"]
        for app in desk.get("/admin/").context["available_apps"]
        for model in app["models"]
    }

    assert listed == {
        "Alarm",
        "AppRegistration",
        "ApprovalLink",
        "Attachment",
        "CallCount",
        "Canary",
        "Check",
        "ConsentAttempt",
        "ConsentRequest",
        "Contact",
        "Event",
        "Evidence",
        "Grant",
        "MailStop",
        "OutboxMessage",
        "Pulse",
        "RateCount",
        "Reply",
        "Tenant",
        "TenantDomain",
        "Ticket",
        "UnknownCode",
        "Watch",
    }


def test_back_office_leads_back_to_the_desk(desk):
    assert str(desk.get("/admin/").context["site_url"]) == reverse("desk:queue")


def test_back_office_shows_no_tokens_and_no_groups():
    assert {Group, SocialApp, SocialToken} & set(admin.site._registry) == set()


def test_agents_may_not_open_accounts(desk, agent):
    assert desk.get("/admin/tenants/user/").status_code == 403
    assert desk.get(f"/admin/tenants/user/{agent.pk}/change/").status_code == 403


def test_superuser_makes_an_agent(lead, django_user_model):
    password = "a-long-pass-phrase"
    answer = lead.post(
        "/admin/tenants/user/add/",
        {
            "email": "New@Acme.Example",
            "name": "Nele",
            "is_staff": "on",
            "usable_password": "true",
            "password1": password,
            "password2": password,
        },
    )

    made = django_user_model.objects.get(email="new@acme.example")
    assert answer.status_code == 302
    assert (made.name, made.is_staff, made.is_superuser) == ("Nele", True, False)
    assert made.check_password(password)


def test_superuser_deletes_no_account(lead, agent):
    assert lead.post(f"/admin/tenants/user/{agent.pk}/delete/", {"post": "yes"}).status_code == 403


@pytest.fixture
def second_factor(agent):
    return Authenticator.objects.create(
        user=agent, type=Authenticator.Type.TOTP, data={"secret": "JBSWY3DPEHPK3PXP"}
    )


def test_second_factor_is_shown_without_its_secret(lead, second_factor):
    answer = lead.get(f"/admin/mfa/authenticator/{second_factor.pk}/change/")

    assert answer.status_code == 200
    assert "JBSWY3DPEHPK3PXP" not in answer.content.decode()


def test_superuser_takes_a_lost_second_factor_away(lead, second_factor):
    lead.post(f"/admin/mfa/authenticator/{second_factor.pk}/delete/", {"post": "yes"})

    assert Authenticator.objects.count() == 0
