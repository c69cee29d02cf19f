"""The page for our own failures."""

from django.test import RequestFactory

from portal.failures import server_error


def test_server_error_names_the_support_and_asks_no_database(rf: RequestFactory) -> None:
    answer = server_error(rf.get("/"))

    assert answer.status_code == 500
    assert "support@acme.example" in answer.content.decode()
