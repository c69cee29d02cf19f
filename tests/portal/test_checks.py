"""What `check --deploy` refuses."""

import pytest
from django.db import DatabaseError, connection

from consent.models import AppRegistration
from portal.checks import deployment
from tests.factories import AppRegistrationFactory

SMTP = "django.core.mail.backends.smtp.EmailBackend"


def found():
    """The ids of what stands against going live."""
    return sorted(str(problem.id) for problem in deployment(None))


@pytest.fixture
def live(settings, db):
    """Settings with which nothing stands against going live."""
    settings.SANDBOX = settings.DEBUG = False
    settings.EMAIL_BACKEND, settings.HOSTS = SMTP, 1
    settings.SUPPORT_EMAIL = "support@acme.com"
    return settings


def test_nothing_stands_against_a_good_set_up(live):
    AppRegistrationFactory()
    AppRegistrationFactory(credential="")

    assert found() == []


def test_alarms_that_nobody_hears_are_a_warning(live):
    live.OPERATORS_EMAIL = ""

    assert found() == ["portal.W002"]


def test_sandbox_is_refused(live):
    live.SANDBOX = True

    assert found() == ["portal.E001"]


def test_errors_in_detail_are_refused(live):
    live.DEBUG = True

    assert found() == ["portal.E005"]


@pytest.mark.parametrize("nobodys", ["support@acme.example", "support@example.com"])
def test_address_for_examples_is_refused_as_the_one_to_write_to(live, nobodys):
    live.SUPPORT_EMAIL = nobodys

    assert found() == ["portal.E006"]


@pytest.mark.parametrize("backend", ["locmem", "console", "dummy", "filebased"])
def test_mail_that_goes_nowhere_is_refused(live, backend):
    live.EMAIL_BACKEND = f"django.core.mail.backends.{backend}.EmailBackend"

    assert found() == ["portal.E002"]


def test_sqlite_is_refused_for_more_than_one_host(live):
    live.HOSTS = 2

    assert found() == (["portal.E003"] if connection.vendor == "sqlite" else [])


def test_missing_credential_is_refused_with_the_name_of_its_variable(live):
    app = AppRegistrationFactory(slug="suite", credential="suite-eu")

    (problem,) = deployment(None)

    assert problem.id == "portal.E004"
    assert problem.msg.startswith(f"{app.slug}: ")
    assert "MICROSOFT_CREDENTIAL_SUITE_EU" in problem.hint


def test_database_that_cannot_be_asked_is_a_warning(live, monkeypatch):
    def gone(*_args, **_more):
        raise DatabaseError

    with monkeypatch.context() as patched:
        patched.setattr(AppRegistration.objects, "exclude", gone)

        assert found() == ["portal.W001"]
