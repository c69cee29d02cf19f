"""Links to further pages, which Graph makes up and we follow only so far."""

import time
from urllib.parse import quote

import pytest

from tenants.microsoft import graph
from tenants.microsoft.errors import (
    Throttled,
    Transient,
    UnknownAnswer,
)
from tests.tenants.microsoft.stage import (
    APP,
    GRAPH_ID,
    as_json,
    inner,
    responses,
    scripted_look,
)

SUITE = APP["acme-suite"].client_id

pytestmark = pytest.mark.loopback


def page(rows: list[object], link: str | None) -> dict[str, object]:
    return {"value": rows, **({"@odata.nextLink": link} if link else {})}


def grants_page(script, token: str) -> str:
    """A link as Graph writes it: by the service principal's own id, with a token it made up."""
    return f"{script.url}/v1.0/servicePrincipals/{SUITE}/oauth2PermissionGrants?$skiptoken={token}"


def test_look_takes_links_as_they_are(script, scripted_cloud):
    link = grants_page(script, quote("a+b/c=="))
    rows = responses(grants=inner("grants", page([], link)))
    row = {"consentType": "AllPrincipals", "resourceId": GRAPH_ID, "scope": "Mail.Read"}
    script.say("oauth2PermissionGrants", as_json(page([row], None)))

    view = scripted_look(script, scripted_cloud, rows)

    assert len(view.delegated_grants) == 1
    assert script.asked[-1] == link.removeprefix(script.url)


@pytest.mark.parametrize(
    "link",
    [
        "https://evil.example/v1.0/oauth2PermissionGrants",
        "{url}.evil.example/v1.0/oauth2PermissionGrants",
        "{url}/v1.0/users",
        "{url}/v1.0/oauth2PermissionGrants/../users",
        "not a link",
        7,
    ],
)
def test_look_follows_no_link_that_leads_elsewhere(script, scripted_cloud, link):
    link = link.format(url=script.url) if isinstance(link, str) else link
    rows = responses(grants=inner("grants", page([], link)))

    with pytest.raises(UnknownAnswer):
        scripted_look(script, scripted_cloud, rows)
    assert script.calls == {"$batch": 1}


def test_look_gives_up_where_pages_do_not_end(script, scripted_cloud):
    link = grants_page(script, "again")
    rows = responses(grants=inner("grants", page([], link)))
    script.say("oauth2PermissionGrants", as_json(page([], link)))

    with pytest.raises(UnknownAnswer):
        scripted_look(script, scripted_cloud, rows)
    assert script.calls["oauth2PermissionGrants"] == 20


def test_look_ends_in_time_whatever_the_number_of_pages(script, scripted_cloud, monkeypatch):
    slow = script.answer
    monkeypatch.setattr(script, "answer", lambda path: time.sleep(0.1) or slow(path))
    monkeypatch.setattr(graph, "TIMEOUT_S", 0.35)
    link = grants_page(script, "again")
    rows = responses(grants=inner("grants", page([], link)))
    script.say("oauth2PermissionGrants", as_json(page([], link)))

    with pytest.raises(Transient):
        scripted_look(script, scripted_cloud, rows)
    assert script.calls["oauth2PermissionGrants"] < 10


@pytest.mark.parametrize(("status", "error"), [(429, Throttled), (500, Transient)])
def test_look_whose_second_page_is_refused(script, scripted_cloud, status, error):
    rows = responses(roles=inner("roles", page([], grants_page(script, "x"))))
    script.say("oauth2PermissionGrants", as_json({}, status))

    with pytest.raises(error):
        scripted_look(script, scripted_cloud, rows)
