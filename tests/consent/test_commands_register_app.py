"""`manage.py register_app`: one file in, one registration and the list for Entra out."""

import re
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command

from consent.models import AppRegistration

pytestmark = pytest.mark.django_db
FILE = """
slug = "acme-calendar"
cloud = "sandbox"
name = "Acme Calendar"
client_id = "F63640D5-1874-4C5A-A235-A339F8B0FA1F"
home_tenant_id = "17f01a12-26e4-4397-abf3-fc285521119e"
credential = "acme-calendar"
connect_url = "https://app.acme.example/connect"
publisher = "Acme"

[[permissions]]
value = "Mail.Read"
reason = "Finds invitations."

[[permissions]]
value = "offline_access"
reason = "Keeps the connection."

[[permissions]]
value = "Directory.Read.All"
kind = "application"
reason = "Shows what was granted."
"""
API = "aaaaaaaa-1111-4111-8111-aaaaaaaaaaaa"
DONE = "Acme Calendar (acme-calendar) is registered for Simulated Microsoft: permission version 1"
CHECKLIST = f"""{DONE}, new.

At http://localhost:8100, App registrations, f63640d5-1874-4c5a-a235-a339f8b0fa1f:
[ ] Authentication: accounts in any organisational directory
[ ] Authentication, platform Web, both redirect addresses:
      http://localhost:8000/consent/return/
      http://localhost:8000/signin/return/
[ ] Manifest: "groupMembershipClaims": "DirectoryRole"
[ ] API permissions, exactly these:
      Microsoft Graph, delegated: Mail.Read
      Microsoft Graph, application: Directory.Read.All
      Microsoft Graph, delegated, for signing in: offline_access openid profile
[ ] Branding & properties: publisher verified

In the portal's environment, one of:
      MICROSOFT_CREDENTIAL_ACME_CALENDAR
      MICROSOFT_CREDENTIAL_ACME_CALENDAR_FILE
      MICROSOFT_CREDENTIAL_ACME_CALENDAR_CERTIFICATE_FILE
      MICROSOFT_CREDENTIAL_ACME_CALENDAR_ASSERTION_FILE

Then: python manage.py check_app acme-calendar
"""


@pytest.fixture
def register(tmp_path, capsys):
    """Write that text to a file, register it, and give what was printed."""

    def go(text):
        file = tmp_path / "app.toml"
        file.write_bytes(text if isinstance(text, bytes) else text.encode())
        call_command("register_app", str(file))
        return capsys.readouterr().out

    go.folder = tmp_path
    return go


def test_register_app_prints_the_list_for_entra(register):
    assert register(FILE) == CHECKLIST

    assert AppRegistration.objects.get().client_id == "f63640d5-1874-4c5a-a235-a339f8b0fa1f"


def test_register_app_again_keeps_the_version(register):
    register(FILE)

    said = register(FILE.replace("Finds invitations.", "Finds invitations and answers."))

    assert said == CHECKLIST.replace(", new.", ".")


def test_register_app_with_delegated_permissions_alone(register):
    application = FILE.index('[[permissions]]\nvalue = "Directory.Read.All"')

    said = register(FILE[:application])

    assert said == CHECKLIST.replace("      Microsoft Graph, application: Directory.Read.All\n", "")


@pytest.mark.parametrize(
    ("resource", "whose", "listed"),
    [("", "the same app", "its own"), (f'resource = "{API}"\n', "your API", API)],
)
def test_register_app_with_a_witness_says_what_to_make_first(register, resource, whose, listed):
    witness = f"""
[[permissions]]
value = "Approval.Witness.1"
kind = "application"
witness = true
{resource}reason = "Shows us that you have approved."
"""

    said = register(FILE + witness)

    lines = said.splitlines()
    at = lines.index(f"[ ] App roles of {whose}, for applications: Approval.Witness.1")
    assert lines[at + 1] == (
        "    (a witness: not yet tried against the real Microsoft, see docs/worker.md)"
    )
    assert f"      {listed}, application: Approval.Witness.1" in lines


def test_register_app_of_somebody_else_has_nothing_for_entra(register):
    assert register(FILE.replace('credential = "acme-calendar"\n', "")) == (
        f"{DONE}, new.\n"
        "It has no credential, so it counts as somebody else's: nothing to do at Entra.\n"
    )


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("slug = ", "is no TOML: Invalid value (at end of document)."),
        (b"name = '\xff'", "is no TOML: 'utf-8' codec can't decode byte"),
        (FILE.replace("Mail.Read", "Mail.Raed"), "Graph has no delegated permission named"),
        (FILE.replace("slug", "slag"), "slag: an app registration has no such field."),
        ("", "Name at least one."),
    ],
)
def test_register_app_refuses_with_one_sentence(register, text, sentence):
    with pytest.raises(CommandError) as refused:
        register(text)

    assert sentence in str(refused.value)
    assert "\n" not in str(refused.value)
    assert (refused.value.returncode, AppRegistration.objects.count()) == (1, 0)


def test_register_app_refuses_a_credential_that_cannot_be_read(register, settings):
    settings.MICROSOFT_CREDENTIALS = {"acme_calendar": {"certificate": "no PEM"}}

    with pytest.raises(CommandError) as refused:
        register(FILE)

    assert str(refused.value).endswith(
        "app.toml: credential: The credential 'acme-calendar' must be PEM text with an unencrypted "
        "private key and its certificate."
    )
    assert AppRegistration.objects.count() == 0


def test_register_app_takes_one_whose_credential_comes_later(register, settings):
    settings.MICROSOFT_CREDENTIALS = {}

    assert register(FILE) == CHECKLIST


def test_register_app_without_the_file():
    with pytest.raises(CommandError, match=r"^nowhere\.toml: No such file or directory\.$"):
        call_command("register_app", "nowhere.toml")


def test_register_app_takes_the_file_that_going_live_shows(register):
    page = (Path(__file__).parents[2] / "docs" / "going-live.md").read_text()
    [shown] = re.findall(r"```toml\n(.+?)```", page, flags=re.DOTALL)

    register(shown)

    app = AppRegistration.objects.get()
    assert (app.slug, app.cloud, [row.value for row in app.rows()]) == (
        "calendar",
        "global",
        ["Calendars.ReadWrite"],
    )
