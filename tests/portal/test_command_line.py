"""A mistake in the settings is told in one line that names the variable, never as a call stack."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
KEYS = {"DEBUG": "0", "SECRET_KEY": "s" * 60, "LINK_KEY": "l" * 60}


@pytest.mark.parametrize(
    ("variables", "words"),
    [
        ({"DEBUG": "0"}, "SECRET_KEY is needed when DEBUG is off."),
        ({"DEBUG": "0", "SECRET_KEY": "s" * 60}, "LINK_KEY is needed when DEBUG is off."),
        (KEYS, "EMAIL_URL or EMAIL_PROVIDER is needed when DEBUG is off."),
        (
            {"PORTAL_URL": "approve.example.com"},
            (
                "PORTAL_URL must be an address like https://approve.example.com,"
                " not 'approve.example.com'."
            ),
        ),
        (
            {"PORTAL_URL": "https://approve.example.com"},
            (
                "SECRET_KEY is needed where others come in (PORTAL_URL says approve.example.com);"
                " DEBUG belongs off there."
            ),
        ),
        (
            {"PORTAL_URL": "http://192.0.2.7:8000", "SECRET_KEY": "s" * 60},
            (
                "LINK_KEY is needed where others come in (PORTAL_URL says 192.0.2.7);"
                " DEBUG belongs off there."
            ),
        ),
        ({"CHECK_PACE": "0"}, "CHECK_PACE must be at least 1, not 0."),
        (
            KEYS | {"SANDBOX": "1"},
            "SANDBOX=1 simulates Microsoft and works only with DEBUG=1. Nothing starts otherwise.",
        ),
        *[
            ({variable: "/nowhere"}, f"{variable} names a file that cannot be read: '/nowhere'.")
            for variable in (
                "SECRET_KEY_FILE",
                "MICROSOFT_CREDENTIAL_CALENDAR_FILE",
                "MICROSOFT_CREDENTIAL_CALENDAR_CERTIFICATE_FILE",
                "ANYMAIL_POSTMARK_SERVER_TOKEN_FILE",
            )
        ],
        *[
            (
                {"AGENTS_TENANT_ID": tenant},
                "AGENTS_TENANT_ID must be the GUID of your own tenant.",
            )
            for tenant in ("common", "acme.example")
        ],
        (
            {"AGENTS_TENANT_ID": "446b460f-e49d-4af2-aaaa-0b1a106594d2", "AGENTS_CLIENT_ID": "x"},
            "AGENTS_TENANT_ID needs AGENTS_CLIENT_ID and AGENTS_CLIENT_SECRET beside it.",
        ),
    ],
)
def test_mistake_in_the_settings_is_one_line(variables, words):
    ran = subprocess.run(  # noqa: S603 -- our own command
        [sys.executable, "manage.py", "check", "--deploy"],
        cwd=ROOT,
        env={"PATH": os.environ["PATH"], "ENV_FILE": os.devnull, **variables},
        capture_output=True,
        text=True,
        check=False,
    )

    told = f"Not started: {words} `.env.example` explains each variable.\n"
    assert (ran.returncode, ran.stdout, ran.stderr) == (1, "", told)
