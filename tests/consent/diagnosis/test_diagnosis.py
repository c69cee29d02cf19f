"""The whole way from a paste to JSON, and what a hostile paste costs."""

import json
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from consent.diagnosis import Confidence, Seen, diagnose, found_secrets, without_secrets
from consent.diagnosis.decoding import LONGEST

CALLBACK = (
    "https://app.example/cb?error=access_denied&error_description=AADSTS65004%3a+User+declined."
    "%0d%0aTrace+ID%3a+11111111-2222-4333-8444-555555555555%0d%0aCorrelation+ID%3a+"
    "66666666-7777-4888-9999-aaaaaaaaaaaa%0d%0aTimestamp%3a+2026-08-28+11%3a25%3a19Z"
    "&error_uri=https%3a%2f%2flogin.microsoftonline.com%2ferror%3fcode%3d65004&admin_consent=True"
)


def test_diagnosis_as_json():
    diagnosis = diagnose(CALLBACK)
    assert json.loads(json.dumps(diagnosis.as_dict())) == {
        "codes": ["AADSTS65004"],
        "primary_code": "AADSTS65004",
        "cause": "user_declined",
        "actor": "tenant_admin",
        "approval_link_helps": True,
        "app_id": None,
        "tenant_id": None,
        "resource_id": None,
        "correlation_id": "66666666-7777-4888-9999-aaaaaaaaaaaa",
        "trace_id": "11111111-2222-4333-8444-555555555555",
        "request_id": None,
        "timestamp": "2026-08-28T11:25:19Z",
        "confidence": "high",
        "advice": str(diagnosis.advice),
        "evidence": ["AADSTS65004", "admin_consent=True"],
    }


@pytest.mark.parametrize(
    ("pasted", "seen", "confidence"),
    [
        ("AADSTS50105", "", Confidence.HIGH),
        ("Need admin approval", "", Confidence.HIGH),
        ("Need admin approval", Seen.NEED_ADMIN, Confidence.HIGH),
        ("", Seen.NEED_ADMIN, Confidence.MEDIUM),
        ("AADSTS700016", "", Confidence.MEDIUM),
        ("error=access_denied", "", Confidence.LOW),
        ("", "", Confidence.LOW),
    ],
)
def test_diagnosis_says_how_sure_it_is(pasted, seen, confidence):
    assert diagnose(pasted, seen=seen).confidence == confidence


@pytest.mark.parametrize(
    ("pasted", "seen", "shows"),
    [
        ("AADSTS90094", "", True),
        ("AADSTS90095 and AADSTS50105", "", True),
        ("Need admin approval", "", True),
        ("", Seen.REQUEST_FORM, True),
        ("AADSTS65001", "", False),
        ("", Seen.ACCEPT_PAGE, False),
        ("", "", False),
    ],
)
def test_diagnosis_knows_whether_the_wall_was_shown(pasted, seen, shows):
    assert diagnose(pasted, seen=seen).shows_wall is shows


def test_diagnosis_cites_what_led_there():
    assert diagnose(
        "Our admin approved it, yet it says “Need admin approval” in a LOOP"
    ).evidence == (
        "admin approved",
        "loop",
    )


@given(
    st.binary(max_size=3000), st.sampled_from(["utf-8", "latin-1"]), st.sampled_from(["", *Seen])
)
def test_diagnosis_of_anything_ends_in_json(pasted, encoding, seen):
    text = pasted.decode(encoding, errors="replace")
    assert json.dumps(diagnose(text, seen=seen).as_dict(), ensure_ascii=False).encode()
    assert found_secrets(without_secrets(text)) == ()


@pytest.mark.parametrize(
    "piece",
    [
        "A",
        "1",
        "\\",
        "&amp;",
        "%2541",
        "<a ",
        "aadsts9",
        "code=",
        "eyJa.",
        'client_secret="',
        "-----BEGIN PRIVATE KEY-----",
        "admin ",
        "app 5b1f6a0c-4d0e-4c39-9a83-1f6a2c1d7e10 ",
        "error_codes:[1111,",
        "Ã©",
        "ﷺ",
        "承認",
        "it must ",
        "an administrator must approve ",
    ],
)
def test_diagnosis_of_a_hostile_paste_takes_linear_time(piece):
    text = (piece * LONGEST)[:LONGEST]
    began = time.process_time()
    diagnose(text)
    without_secrets(text)
    # A tenth of this is usual; anything quadratic takes minutes.
    assert time.process_time() - began < 3
