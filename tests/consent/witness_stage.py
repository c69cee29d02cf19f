"""What tests of the witness stand on: the row, and the registration at Microsoft that has it."""

from tests.factories import RequiredPermissionFactory, seeded_app

WITNESS = "Approval.Witness.1"


def witness_of(app, of=f"application {WITNESS}", **more):
    """A role of the app's own API in its set, as its witness."""
    resource = more.pop("resource_client_id", app.client_id)
    return RequiredPermissionFactory(
        app=app, of=of, resource_client_id=resource, is_witness=True, **more
    )


def app_with_witness(microsoft, slug="acme-calendar"):
    """The seeded app with a witness, here and at Microsoft."""
    app = seeded_app(slug)
    add_witness(microsoft, app)
    return app


def add_witness(microsoft, app):
    """That app gets one, here and at Microsoft, and our own tenant has approved it."""
    witness_of(app)
    registered = microsoft.state()["apps"][app.slug]["permissions"]
    listed = [*registered, f"{app.client_id} application {WITNESS}"]
    microsoft.control({"apps": {app.slug: {"permissions": listed}}})
    microsoft.control({"grants": [{"tenant": "acme.example", "app": app.slug}]})
