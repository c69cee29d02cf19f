"""A token that one replica gives, and a Graph whose replica does not know our app yet."""

import pytest

from consent.models import Check, ConsentRequest
from consent.verification import checker
from tenants.microsoft import authority
from tests.factories import ConsentRequestFactory, WatchFactory, seeded_app, seeded_tenant
from tests.tenants.microsoft.stage import as_json, inner, responses, scripted

pytestmark = [pytest.mark.django_db, pytest.mark.loopback]


@pytest.fixture
def script(settings):
    """A Microsoft that says what it is told to say."""
    authority.forget()
    with scripted() as server:
        settings.MICROSOFT_URL = server.url
        yield server
    authority.forget()


def test_app_that_graph_does_not_know_yet_is_absent(script):
    request = ConsentRequestFactory(
        asked=True, tenant=seeded_tenant("contoso"), app=seeded_app("acme-calendar")
    )
    WatchFactory(of=request)
    claims = {"tid": request.tenant.tenant_id, "appid": request.app.client_id, "oid": "object"}
    script.say(
        "token",
        as_json({"access_token": script.key.sign(claims), "expires_in": 3600}),
    )
    missing = {"error": {"code": "Request_ResourceNotFound"}}
    names = ("service_principal", "grants", "roles")
    rows = responses(**{name: inner(name, missing, 404) for name in names})
    script.say("$batch", as_json({"responses": rows}))

    assert checker.look_at_due() == 1

    assert [check.outcome for check in Check.objects.order_by("pk")] == ["absent"]
    assert ConsentRequest.objects.get().absent_at is not None
