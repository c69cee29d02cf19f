"""App registrations from a description: versions, and every way in which one can be unfit."""

import pytest

from consent.models import AppRegistration, ConsentRequest
from consent.registrations import BadDescription, register
from tenants.microsoft.permissions import EXCHANGE_ONLINE, GRAPH, Kind, Permission
from tests.factories import (
    ApprovalLinkFactory,
    ConsentRequestFactory,
    TicketFactory,
    guid,
    permissions,
)

pytestmark = pytest.mark.django_db
CLIENT = guid("client")


def needed(value, **more):
    return {"value": value, "reason": "Finds invitations.", **more}


OURS = {"credential": "acme_calendar", "home_tenant_id": guid("home")}
WITNESS = needed("Approval.1", kind="application", witness=True)


def description(**changes):
    return {
        "slug": "acme-calendar",
        "cloud": "sandbox",
        "name": "Acme Calendar",
        "client_id": CLIENT,
        "connect_url": "https://app.acme.example/connect",
        "publisher": "Acme",
        "permissions": [needed("Mail.Read"), needed("Mail.Send")],
        **changes,
    }


def test_register_makes_version_one_with_rows_in_order():
    app, is_new = register(description(client_id=CLIENT.upper()))

    rows = [(row.version, row.kind, row.value, row.reason) for row in app.rows()]
    assert (is_new, app.client_id, app.permission_version) == (True, CLIENT, 1)
    assert rows == [
        (1, "delegated", "Mail.Read", "Finds invitations."),
        (1, "delegated", "Mail.Send", "Finds invitations."),
    ]


def test_register_reads_resource_kind_and_what_breaks():
    wanted = [
        needed("https://graph.microsoft.com/Mail.Read", without_it="Replies are missed."),
        needed("full_access_as_app", kind="application", resource=EXCHANGE_ONLINE.upper()),
    ]

    app, _is_new = register(description(permissions=wanted))

    assert app.permissions() == {
        Permission(GRAPH, Kind.DELEGATED, "Mail.Read"),
        Permission(EXCHANGE_ONLINE, Kind.APPLICATION, "full_access_as_app"),
    }
    assert [(row.value, row.without_it) for row in app.rows()] == [
        ("Mail.Read", "Replies are missed."),
        ("full_access_as_app", ""),
    ]


def test_register_again_changes_facts_and_reasons_without_a_new_version():
    register(description())
    wanted = [needed("Mail.Send"), needed("mail.read", reason="Finds replies.")]

    app, is_new = register(description(name="Acme Dates", permissions=wanted))

    reasons = {(row.value, row.reason) for row in app.rows()}
    assert (is_new, app.name, app.permission_version) == (False, "Acme Dates", 1)
    assert reasons == {("mail.read", "Finds replies."), ("Mail.Send", "Finds invitations.")}
    assert AppRegistration.objects.count() == 1


def test_register_with_other_permissions_makes_a_version_and_moves_open_requests_along():
    app, _is_new = register(description())
    request = ConsentRequestFactory(app=app, asked=True)
    link, ticket = (
        ApprovalLinkFactory(request=request),
        TicketFactory(request=request, waiting=True),
    )

    app, is_new = register(description(permissions=[needed("Mail.Read")]))

    request.refresh_from_db()
    successor = ConsentRequest.objects.get(previous=request)
    link.refresh_from_db()
    ticket.refresh_from_db()
    assert (is_new, app.permission_version) == (True, 2)
    assert (app.permissions(1), app.permissions()) == (
        permissions("Mail.Read", "Mail.Send"),
        permissions("Mail.Read"),
    )
    assert (request.state, successor.state, successor.permission_version) == (
        "superseded",
        "asked",
        2,
    )
    assert (link.request, ticket.request) == (successor, successor)


def test_register_the_same_product_in_another_cloud_is_another_registration():
    register(description())

    app, is_new = register(description(cloud="us_l4", client_id=guid("government")))

    assert (is_new, app.permission_version, AppRegistration.objects.count()) == (True, 1, 2)


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"cloud": "moon"}, "cloud: there is no cloud named 'moon'."),
        ({"client_id": "calendar"}, "client_id: 'calendar' is not a GUID."),
        ({"home_tenant_id": "acme"}, "home_tenant_id: 'acme' is not a GUID."),
        ({"slug": "Acme Calendar!"}, "slug: "),
        ({"slug": ""}, "slug: This field cannot be blank."),
        ({"name": "x" * 81}, "name: Ensure this value has at most 80 characters (it has 81)."),
        ({"connect_url": "soon"}, "connect_url: Enter a valid URL."),
        (
            {"connect_url": "https://app.acme.example/?a=b&prompt=consent"},
            "connect_url: leave prompt=consent out; it brings the wall back after an approval.",
        ),
        ({"shows_roles": "perhaps"}, "shows_roles: "),
        ({"weakest_proof": "claimed"}, "weakest_proof: Value 'claimed' is not a valid choice."),
        ({"colour": "red"}, "colour: an app registration has no such field."),
        (
            {"permissions": []},
            "permissions: an app that needs none needs no approval either. Name at least one.",
        ),
        (
            {"permissions": "Mail.Read"},
            "permissions: write each as a table of its own, [[permissions]].",
        ),
        (
            {"permissions": ["Mail.Read"]},
            "permissions: write each as a table of its own, [[permissions]].",
        ),
        (
            {"permissions": [needed("Mail.Read", why="mail")]},
            "why: a permission has no such field.",
        ),
        (
            {"permissions": [needed("Mail.Read", kind="both")]},
            "permissions: Mail.Read: kind is delegated or application, not 'both'.",
        ),
        (
            {"permissions": [needed("Mail.Read", resource="graph")]},
            "permissions: Mail.Read: resource is the GUID of an API.",
        ),
        (
            {"permissions": [needed("Mail.Raed")]},
            "permissions: Microsoft Graph has no delegated permission named 'Mail.Raed'.",
        ),
        (
            {"permissions": [needed("", resource=guid("api"))]},
            "permissions: each needs its name as value.",
        ),
        (
            {"permissions": [needed("")]},
            "permissions: each needs its name as value.",
        ),
        (
            {"permissions": [needed("x" * 121, resource=guid("api"))]},
            "permissions: a name has at most 120 characters.",
        ),
        (
            {"credential": "acme_calendar"},
            "home_tenant_id: it is needed with a credential. ",
        ),
        (
            {"permissions": [needed("Mail.Read", reason="")]},
            "permissions: Mail.Read: say why it is needed; an administrator reads it.",
        ),
        (
            {"permissions": [needed("Mail.Read", without_it="x" * 301)]},
            "permissions: Mail.Read: say it in at most 300 characters; people read it.",
        ),
        (
            {"permissions": [needed("Mail.Read", witness="yes")]},
            "permissions: Mail.Read: witness is true or false.",
        ),
        (
            {"permissions": [needed("Mail.Read"), WITNESS | {"kind": "delegated"}]},
            "permissions: Approval.1: a witness is an application permission of your own API.",
        ),
        (
            {"permissions": [needed("Mail.Read"), WITNESS | {"resource": EXCHANGE_ONLINE}]},
            "permissions: Approval.1: a witness is an application permission of your own API.",
        ),
        (
            {"permissions": [needed("Mail.Read"), WITNESS, WITNESS | {"value": "Approval.2"}]},
            "permissions: Approval.1: one witness is enough; Approval.2 is another.",
        ),
        (
            {"permissions": [needed("Mail.Read", kind="application"), WITNESS]},
            "permissions: Approval.1: there is no delegated permission that it could prove.",
        ),
        (
            {"permissions": [needed("Mail.Read"), WITNESS]},
            "permissions: Approval.1: without a credential nobody can look for a witness.",
        ),
        (
            {"permissions": [needed("Mail.Read"), needed("MAIL.READ")]},
            "permissions: MAIL.READ stands there twice.",
        ),
    ],
)
def test_register_refuses_an_unfit_description(changes, sentence):
    with pytest.raises(BadDescription) as refused:
        register(description(**changes))

    assert str(refused.value).startswith(sentence)
    assert AppRegistration.objects.count() == 0


def with_witness(*permissions, **changes):
    return description(**OURS, permissions=[*permissions, {**WITNESS, **changes}])


def test_register_takes_a_witness_of_the_apps_own_api():
    app, _is_new = register(with_witness(needed("Mail.Read")))

    witness = Permission(CLIENT, Kind.APPLICATION, "Approval.1")
    assert (app.witness(), app.needed()) == (witness, permissions("Mail.Read"))


def test_register_refuses_a_witness_that_would_prove_an_older_set_too():
    register(with_witness(needed("Mail.Read")))

    with pytest.raises(BadDescription) as refused:
        register(with_witness(needed("Mail.Read"), needed("Mail.Send")))

    assert str(refused.value) == (
        "permissions: Approval.1: it was in an earlier set too, so it would also prove that one. "
        "Make a new role at Entra and name it here."
    )
    app, _is_new = register(
        with_witness(needed("Mail.Read"), needed("Mail.Send"), value="Approval.2")
    )
    assert (app.permission_version, str(app.witness(1)), str(app.witness())) == (
        2,
        "Approval.1",
        "Approval.2",
    )


def test_register_can_make_the_other_role_of_a_set_its_witness():
    one, two = (
        needed(f"Approval.{number}", kind="application", resource=CLIENT) for number in (1, 2)
    )
    wanted = [needed("Mail.Read"), one | {"witness": True}, two]
    register(description(**OURS, permissions=wanted))

    wanted = [needed("Mail.Read"), two | {"witness": True}, one]
    app, is_new = register(description(**OURS, permissions=wanted))

    assert (is_new, str(app.witness())) == (False, "Approval.2")


def test_register_refuses_a_client_id_that_another_app_has():
    register(description())

    with pytest.raises(BadDescription) as refused:
        register(description(slug="acme-dates"))

    assert str(refused.value) == "client_id: acme-calendar has this client ID already."


@pytest.mark.parametrize(("given", "kept"), [("violet", "violet"), ("#0078d4", "sky"), ("", "")])
def test_register_keeps_the_hue_of_a_brand_colour(given, kept):
    app, _is_new = register(description(accent=given))

    assert app.accent == kept


def test_register_refuses_an_accent_that_is_no_colour():
    with pytest.raises(BadDescription, match="accent: 'mauve' is neither a colour"):
        register(description(accent="mauve"))
