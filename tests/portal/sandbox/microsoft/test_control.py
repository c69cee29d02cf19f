"""The control address, whose names others script against."""

import time

import pytest

from tests.portal.sandbox.microsoft.visitor import CALENDAR, TENANT_IDS

SEEDED = {
    "contoso.example",
    "fabrikam.example",
    "northwind.example",
    "adatum.example",
    "tailspin.example",
    "wingtip.example",
    "woodgrove.example",
    "litware.example",
    "proseware.example",
    "relecloud.example",
    "fourthcoffee.example",
    "partner.example",
    "acme.example",
}


def patch(microsoft, program, body, **options):
    return program.session.patch(f"{microsoft.url}/_control/state", json=body, **options)


def tenant(microsoft, domain):
    return microsoft.state()["tenants"][domain]


def test_seed_has_the_tenants_of_the_contract_and_nothing_granted_but_in_two(microsoft):
    tenants = microsoft.state()["tenants"]

    assert set(tenants) == SEEDED
    installed = {
        domain: [(one["app"], one["is_enabled"]) for one in body["service_principals"]]
        for domain, body in tenants.items()
        if body["service_principals"] and domain != "acme.example"
    }
    assert installed == {
        "wingtip.example": [("acme-calendar", True)],
        "litware.example": [("acme-calendar", False)],
    }
    (grant,) = tenants["wingtip.example"]["grants"]
    assert grant["for"] == "old@wingtip.example"
    assert tenants["tailspin.example"]["assignment_required"] is True


def test_seeded_people_and_their_roles(microsoft):
    def roles(domain):
        people = tenant(microsoft, domain)["accounts"]
        return {one["address"].partition("@")[0]: one["roles"] for one in people}

    assert roles("contoso.example") == {
        "admin": ["Global Administrator"],
        "cloudadmin": ["Cloud Application Administrator"],
        "custom": ["Custom role that may consent"],
        "ana": [],
        "ben": [],
        "eva": [],
    }
    assert set(roles("proseware.example")) == {"ana", "ben", "eva"}
    assert roles("fourthcoffee.example")["it"] == ["Global Administrator"]
    assert roles("partner.example")["it"] == []


def test_grant_writes_the_whole_set_with_openid_and_profile(microsoft):
    microsoft.control(
        {
            "grants": [
                {"tenant": "contoso.example", "app": "acme-suite", "by": "admin@contoso.example"}
            ]
        }
    )

    (grant,), roles = (tenant(microsoft, "contoso.example")[name] for name in ("grants", "roles"))
    assert grant == {
        "app": "acme-suite",
        "for": None,
        "permissions": [
            "User.Read",
            "Mail.ReadWrite",
            "Calendars.ReadWrite",
            "openid",
            "profile",
        ],
    }
    assert roles == [{"app": "acme-suite", "permission": "Directory.Read.All"}]


def test_grants_add_and_never_remove(microsoft):
    row = {"tenant": TENANT_IDS["contoso.example"], "app": "acme-suite"}
    microsoft.control({"grants": [{**row, "permissions": ["user.read", "Directory.Read.All"]}]})
    microsoft.control({"grants": [{**row, "permissions": ["Mail.ReadWrite"]}]})

    described = tenant(microsoft, "contoso.example")
    assert described["grants"][0]["permissions"] == ["User.Read", "Mail.ReadWrite"]
    assert described["roles"] == [{"app": "acme-suite", "permission": "Directory.Read.All"}]


def test_grant_for_a_person_gives_the_app_no_role(microsoft):
    row = {"tenant": "contoso.example", "app": "acme-suite", "for": "ben@contoso.example"}
    microsoft.control({"grants": [row]})

    described = tenant(microsoft, "contoso.example")
    assert [one["for"] for one in described["grants"]] == ["ben@contoso.example"]
    assert described["roles"] == []


def test_revoke_leaves_the_service_principal(microsoft):
    row = {"tenant": "contoso.example", "app": "acme-suite"}
    microsoft.control({"grants": [row]})
    microsoft.control({"revoke": [row]})

    described = tenant(microsoft, "contoso.example")
    assert (described["grants"], described["roles"]) == ([], [])
    assert [one["app"] for one in described["service_principals"]] == ["acme-suite"]


def test_switch_marks_the_service_principal_that_is_there(microsoft):
    microsoft.control({"grants": [{"tenant": "contoso.example", "app": "acme-suite"}]})

    microsoft.control({"tenants": {"contoso.example": {"assignment_required": True}}})

    (principal,) = tenant(microsoft, "contoso.example")["service_principals"]
    assert principal["is_assignment_required"] is True


def test_reset_brings_the_seed_back(microsoft):
    before = microsoft.state()
    microsoft.control(
        {
            "grants": [{"tenant": "contoso.example", "app": "acme-suite"}],
            "tenants": {"contoso.example": {"policy": "users", "replication_delay_s": 3}},
            "faults": {"token": {"429": 1}},
            "page_size": 1,
            "crowd": 2,
        }
    )

    after = microsoft.control({"reset": True})

    strip = {"since", "key_id", "tenants"}
    assert {k: v for k, v in after.items() if k not in strip} == {
        k: v for k, v in before.items() if k not in strip
    }
    assert after["key_id"] != before["key_id"]
    # Ids of grants are made anew; everything else is the seed.
    assert after["tenants"] == before["tenants"]


def test_crowd_makes_tenants_like_contoso(microsoft, program):
    microsoft.control(
        {
            "crowd": 3,
            "grants": [{"tenant": "t3.example", "app": "acme-calendar"}],
        }
    )

    assert set(microsoft.state()["tenants"]) == SEEDED | {"t1.example", "t2.example", "t3.example"}
    assert program.token("t3.example").status_code == 200


def test_calls_are_counted_by_tenant_and_endpoint(microsoft, visitor, program):
    visitor.open("/wingtip.example/v2.0/.well-known/openid-configuration")
    token = program.token("wingtip.example").json()["access_token"]
    path = f"/servicePrincipals(appId='{CALENDAR.client_id}')"
    program.graph(token, path)
    program.batch(
        token,
        {"id": "1", "method": "GET", "url": path},
        {"id": "2", "method": "GET", "url": path},
    )
    visitor.silent("wingtip.example")
    visitor.open("/nowhere.example/v2.0/.well-known/openid-configuration")

    assert microsoft.state()["calls"] == {
        "wingtip.example": {
            "metadata": 1,
            "token": 1,
            "graph": 1,
            "batch": 1,
            "batch_inner": 2,
            "authorize": 1,
        },
        "nowhere.example": {"metadata": 1},
    }


def test_calls_of_all_tenants_are_summed_up(microsoft, program):
    program.token("contoso.example")
    program.token("wingtip.example")

    answer = program.session.get(f"{microsoft.url}/_control/calls")

    assert answer.json() == {"token": 2}


def test_answers_take_as_long_as_they_are_told_to(microsoft, program):
    microsoft.control({"latency_s": 0.2})
    started = time.monotonic()

    assert program.token("wingtip.example").status_code == 200

    assert 0.2 <= time.monotonic() - started < 2


@pytest.mark.parametrize(
    "body",
    [
        [],
        {"colour": "blue"},
        {"tenants": {"nowhere.example": {}}},
        {"tenants": {"contoso.example": {"colour": "blue"}}},
        {"tenants": {"contoso.example": {"disabled": "yes"}}},
        {"tenants": {"contoso.example": {"disabled": 1}}},
        {"tenants": {"contoso.example": {"replication_delay_s": "20"}}},
        {"tenants": {"contoso.example": {"replication_delay_s": True}}},
        {"tenants": {"contoso.example": {"policy": "anarchy"}}},
        {"tenants": {"contoso.example": {"assigned": ["nobody@contoso.example"]}}},
        {"tenants": {"contoso.example": {"assigned": "ana@contoso.example"}}},
        {"tenants": {"contoso.example": {"blocked": ["no-such-app"]}}},
        {"tenants": {"contoso.example": []}},
        {"grants": {}},
        {"grants": ["contoso.example"]},
        {"grants": [{"tenant": "contoso.example", "app": "no-such-app"}]},
        {"grants": [{"tenant": "contoso.example", "app": "acme-suite", "by": "x@y.example"}]},
        {"grants": [{"tenant": "contoso.example", "app": "acme-suite", "for": "x@y.example"}]},
        {
            "grants": [
                {"tenant": "contoso.example", "app": "acme-suite", "permissions": ["No.Such"]}
            ]
        },
        {
            "grants": [
                {"tenant": "contoso.example", "app": "acme-suite", "permissions": "User.Read"}
            ]
        },
        {"revoke": [{"tenant": "nowhere.example", "app": "acme-suite"}]},
        {"faults": {"kitchen": {"429": 1}}},
        {"faults": {"token": {"418": 1}}},
        {"faults": {"token": {"429": "often"}}},
        {"apps": {"acme-suite": {"colour": []}}},
        {"apps": {"acme-suite": {"secrets": "one"}}},
        {"apps": {"acme-suite": {"role_claim": "yes"}}},
        {"apps": {"acme-suite": {"secrets_end_in_days": 5}}},
        {"apps": {"acme-suite": {"secrets_end_in_days": ["soon"]}}},
        {"apps": {"acme-suite": {"permissions": ["Mail.Read"]}}},
        {"apps": {"acme-suite": {"permissions": ["delegated No.Such"]}}},
        {"page_size": 0},
        {"crowd": -1},
        {"latency_s": -1},
        {"latency_s": True},
    ],
)
def test_unusable_patch_changes_nothing_and_says_why(microsoft, program, body):
    before = microsoft.state()
    if isinstance(body, dict):
        body = {
            **body,
            "revoke": [
                *body.get("revoke", []),
                {"tenant": "wingtip.example", "app": "acme-calendar"},
            ],
        }

    answer = patch(microsoft, program, body)

    assert (answer.status_code, list(answer.json())) == (400, ["error"])
    assert microsoft.state() == before


def test_patch_must_be_json(microsoft, program):
    address = f"{microsoft.url}/_control/state"

    form = program.session.patch(address, data={"reset": "1"})
    garbled = program.session.patch(address, data="{", headers={"Content-Type": "application/json"})

    assert (form.status_code, garbled.status_code) == (415, 400)


def test_control_allows_no_other_origin(microsoft, program):
    answer = program.session.options(
        f"{microsoft.url}/_control/state",
        headers={"Origin": "http://evil.example", "Access-Control-Request-Method": "PATCH"},
    )

    assert answer.status_code == 405
    assert not [name for name in answer.headers if name.startswith("Access-Control")]
