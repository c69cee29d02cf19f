"""The address check: by POST, nothing kept, no secret repeated, compared with our registrations."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from tests.factories import AppRegistrationFactory

SECRET = "abc8Q~AbcdefghijklmnopqrstuvwxyzAbcdefghijk"
OURS = "http://localhost:8000/consent/return/"


def address(app, **parameters):
    """An admin consent address of the simulated Microsoft for that app."""
    told = {"client_id": app.client_id, "redirect_uri": OURS, "state": "s" * 24, **parameters}
    query = "&".join(f"{name}={value}" for name, value in told.items())
    return f"http://localhost:8100/contoso.example/v2.0/adminconsent?{query}"


def graded(response):
    """Part and grade of every remark."""
    return [(remark.part, remark.grade.value) for remark in response.context["remarks"]]


@pytest.fixture
def app(db):
    """An app that needs two permissions."""
    return AppRegistrationFactory(needs=["User.Read", "Mail.Read"])


def test_form_can_be_found(client):
    page = client.get("/linter/")

    markup = page.content.decode()
    assert (page.status_code, "noindex" in markup) == (200, False)
    assert '<form method="post" action="/linter/" id="linter" novalidate>' in markup
    assert "Microsoft Entra ID (formerly Azure Active Directory, Azure AD)" in markup


def test_right_address_is_said_to_be_right(client, app):
    page = client.post("/linter/", {"url": address(app, scope="User.Read%20Mail.Read%20openid")})

    assert graded(page) == [
        ("address", "ok"),
        ("tenant", "ok"),
        ("client_id", "ok"),
        ("scope", "ok"),
        ("redirect_uri", "ok"),
        ("state", "ok"),
    ]
    assert "Nothing is wrong with it" in page.content.decode()
    assert page["Cache-Control"] == "no-store"


def test_set_that_differs_is_named(client, app):
    page = client.post("/linter/", {"url": address(app, scope="User.Read%20Mail.Send")})

    said = [
        (remark.grade.value, remark.names)
        for remark in page.context["remarks"]
        if remark.part == "scope"
    ]
    assert said == [("bad", ("Mail.Send",)), ("warn", ("Mail.Read",))]
    assert "One part is wrong" in page.content.decode()


def test_drawbacks_alone_are_counted(client, app):
    page = client.post(
        "/linter/", {"url": address(app, scope="User.Read%20Mail.Read", state="short")}
    )

    assert "It works, with one drawback" in page.content.decode()


def test_redirect_of_the_maker_is_known(client, app):
    page = client.post(
        "/linter/",
        {"url": address(app, scope="User.Read", redirect_uri="https://app.acme.example/back")},
    )

    assert ("redirect_uri", "ok") in graded(page)


def test_secret_is_pointed_out_and_not_repeated(client, app):
    page = client.post("/linter/", {"url": address(app, scope="User.Read", client_secret=SECRET)})

    assert ("client_secret", "bad") in graded(page)
    assert SECRET[:12] not in page.content.decode()


def test_code_of_an_answer_is_linked(client, app):
    page = client.post(
        "/linter/",
        {"url": "https://a.example/cb?error=access_denied&error_description=AADSTS65004%3A+x"},
    )

    assert '<a href="/errors/AADSTS65004/"><code>AADSTS65004</code></a>' in page.content.decode()


@pytest.mark.django_db
@pytest.mark.parametrize(("url", "problem"), [("", "Paste an address"), (SECRET * 400, "too long")])
def test_what_cannot_be_read_is_refused_and_not_repeated(client, url, problem):
    page = client.post("/linter/", {"url": url})

    markup = page.content.decode()
    assert (page.status_code, problem in markup, SECRET in markup) == (422, True, False)


@pytest.mark.django_db
def test_text_without_an_address(client):
    page = client.post("/linter/", {"url": "It does not work <script>alert(1)</script>"})

    assert graded(page) == [("address", "bad")]
    assert "<script>alert" not in page.content.decode()


@pytest.mark.django_db
def test_check_takes_as_many_queries_for_three_apps_as_for_one(client):
    counted = []
    for more in (1, 2):
        apps = [AppRegistrationFactory() for _number in range(more)]
        with CaptureQueriesContext(connection) as captured:
            client.post("/linter/", {"url": address(apps[0])})
        counted.append(len(captured))

    assert counted == [2, 2]
