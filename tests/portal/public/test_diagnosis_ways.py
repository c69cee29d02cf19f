"""Where no approval helps, the diagnosis still ends with something the person can do."""

import pytest

from tests.factories import AppRegistrationFactory

pytestmark = pytest.mark.django_db


@pytest.fixture
def told(client, microsoft):
    """The page for that paste and address."""
    app = AppRegistrationFactory()

    def _told(pasted, email="ana@contoso.example"):
        form = {"email": email, "pasted": pasted, "app": app.slug}
        return client.post("/start/", form).text

    return _told


def test_mistake_of_ours_is_sent_to_us_with_its_identifiers(told):
    trace = "0f0e0d0c-1111-2222-3333-444455556666"

    text = told(f"AADSTS7000222: The secret is too old. Trace ID: {trace} my password is Secret1")

    assert 'href="mailto:support@acme.example?' in text
    assert f"trace_id%3A%20{trace}" in text
    assert ("Secret1" in text.partition("mailto:")[2].partition('"')[0], 'id="ask"' in text) == (
        False,
        False,
    )


def test_matter_of_the_organisation_comes_with_words_for_its_administrators(told):
    text = told("AADSTS50105: the user is not assigned to a role for the application")

    assert ("Words for your IT department" in text, "Microsoft shows AADSTS50105." in text) == (
        True,
        True,
    )
    assert 'id="ask"' not in text


def test_unknown_matter_is_sent_to_a_person(told):
    text = told("something blue appeared")

    assert ("Let a person look at it" in text, "Send it to us" in text) == (True, True)
    assert ("Ask for the approval" in text, "Whose turn it is" in text) == (False, False)


def test_private_address_hides_no_mistake_of_ours(told):
    text = told("AADSTS7000222", email="joe@outlook.com")

    assert ("This is a mistake on our side" in text, "private address" in text) == (True, False)
