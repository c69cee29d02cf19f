"""What is not there is told in our words, in the demo as well."""

import pytest


@pytest.mark.django_db
@pytest.mark.parametrize("path", ["/nowhere/", "/errors/AADSTS1/x/"])
def test_address_that_leads_nowhere_gets_our_page(client, settings, path) -> None:
    settings.DEBUG = True

    answer = client.get(path)

    assert (answer.status_code, "urlpatterns" in answer.text.lower()) == (404, False)
    assert "There is nothing at this address" in answer.text


@pytest.mark.django_db
def test_address_without_its_slash_still_gets_it(client, settings) -> None:
    settings.DEBUG = True

    assert client.get("/help").headers["Location"] == "/help/"
