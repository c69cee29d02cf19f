"""Codes and identifiers in pasted text."""

import pytest

from consent.diagnosis import diagnose
from consent.diagnosis.reader import read

APP = "5b1f6a0c-4d0e-4c39-9a83-1f6a2c1d7e10"
TENANT = "c2a9f1b7-6d55-4f0b-8f4e-7a5f0d9b3c21"
OTHER = "9f6e5d4c-3b2a-4190-8f7e-6d5c4b3a2910"
KINDS = (
    "app_id", "tenant_id", "resource_id", "correlation_id", "trace_id", "request_id", "timestamp"
)  # fmt: skip
GRAPH = "00000003-0000-0000-c000-000000000000"


@pytest.mark.parametrize(
    ("pasted", "codes"),
    [
        ("AADSTS90094: The grant requires", ("AADSTS90094",)),
        ("aadsts 90094", ("AADSTS90094",)),
        ("AADSTS\n90094", ("AADSTS90094",)),
        ("AADSTS:900941", ("AADSTS900941",)),
        ("errorAADSTS65001AADSTS50105:", ("AADSTS65001", "AADSTS50105")),
        ("AADSTS50076 then AADSTS50126, AADSTS50076 again", ("AADSTS50076", "AADSTS50126")),
        ('"error_codes":[53003,50199]', ("AADSTS53003", "AADSTS50199")),
        ('{\\"error_codes\\": [ 65001 ]}', ("AADSTS65001",)),
        ("https://login.microsoftonline.com/error?code=90099", ("AADSTS90099",)),
        (
            "error_uri=https%3a%2f%2flogin.microsoftonline.com%2ferror%3fcode%3d50020",
            ("AADSTS50020",),
        ),
        ("Sign-in error code\n\n50105", ("AADSTS50105",)),
        ("Fehlercode: 90094.", ("AADSTS90094",)),
        ("code d'erreur : 90094", ("AADSTS90094",)),
        ("error number 65001", ("AADSTS65001",)),
        ("90094", ("AADSTS90094",)),
        ("AADSTS123456 is new", ("AADSTS123456",)),
        ("error code 45001 of another system", ()),
        ("ZIP code 90024", ()),
        ("Error Code: 3399614467", ()),
        ("order 90094 arrived", ()),
        # Typed off a picture, wrapped in a quoted mail, in the middle of markup.
        ("AADST59OO94", ("AADSTS90094",)),
        ("AADSTSl6OOO", ("AADSTS16000",)),
        ("AADSTS9OO9X", ()),
        ("AADSTS12", ()),
        ("> AADSTS900\n> 94: x", ("AADSTS90094",)),
        ("> AADSTS\n> 50105: x", ("AADSTS50105",)),
        ("AADSTS90094\n1 the next line", ("AADSTS90094",)),
        ("AADSTS123456\n12 the next line", ("AADSTS123456",)),
        ("<td>AADSTS<b>53003</b></td>", ("AADSTS53003",)),
        ('error_codes="[65001]"', ("AADSTS65001",)),
        ("12345", ()),
        ("", ()),
    ],
)
def test_codes_in_text(pasted, codes):
    assert read(pasted).codes == codes


@pytest.mark.parametrize(
    ("pasted", "named"),
    [
        (f"application with ID '{APP.upper()}' named 'Portal'", {"app_id": APP}),
        (f"application '{APP}'(Sync)", {"app_id": APP}),
        (f"Application (client) ID: {APP}", {"app_id": APP}),
        (f"Directory (tenant) ID: {TENANT}", {"tenant_id": TENANT}),
        (f"secret added to app '{APP}'", {"app_id": APP}),
        (f"https://login.microsoftonline.com/{TENANT}/oauth2/v2.0/authorize?client_id={APP}",
         {"app_id": APP, "tenant_id": TENANT}),
        (f"scope={OTHER}/.default", {"resource_id": OTHER}),
        (f"a service '{GRAPH}'(Microsoft Graph) that your organization '{TENANT}' lacks",
         {"resource_id": GRAPH, "tenant_id": TENANT}),
        ((f"Client app ID: {APP}. Resource value from request: {OTHER}. Resource app ID: {OTHER}. "
         f"List of valid resources from app registration: {GRAPH}."),
         {"app_id": APP, "resource_id": OTHER}),
        (f"first party application '{APP}' and first party resource '{GRAPH}'",
         {"app_id": APP, "resource_id": GRAPH}),
        (f"the application {GRAPH} is named", {"resource_id": GRAPH}),
        (f"you must use multi-factor authentication to access '{GRAPH}'", {"resource_id": GRAPH}),
        ((f"from identity provider 'https://sts.windows.net/{OTHER}/' does not exist in tenant 'X' "
         f"and cannot access the application '{APP}'(Y)"), {"app_id": APP}),
        (f"Trace ID: {OTHER} Correlation ID: {TENANT}",
         {"trace_id": OTHER, "correlation_id": TENANT}),
        (f"Trace+ID:+{OTHER}%0d%0aCorrelation+ID%3a+{TENANT}",
         {"trace_id": OTHER, "correlation_id": TENANT}),
        (f"Korrelations-ID: {TENANT}\nID de seguimiento: {OTHER}",
         {"correlation_id": TENANT, "trace_id": OTHER}),
        (f'"request-id": "{OTHER}", "client-request-id": "{TENANT}"', {"request_id": OTHER}),
        (f"user object id {OTHER}", {}),
        (f"Tenant ID: {'0' * 8}-0000-0000-0000-{'0' * 12}", {}),
        (f"tenant, and after a good many other words at last {TENANT}", {}),
        (f"{OTHER}", {}),
        ("application '288c5f41-5671-4726-9ece-XXXXXXXXXXXX'", {}),
        ("Timestamp: 2026-02-17 18:39:09Z", {"timestamp": "2026-02-17T18:39:09Z"}),
        ("Timestamp%3a+2023-08-28+11%3a25%3a19Z", {"timestamp": "2023-08-28T11:25:19Z"}),
        ("Zeitstempel: 2026-02-17T18:39:09.1234567+02:00", {"timestamp": "2026-02-17T16:39:09Z"}),
        ('"date": "2024-03-20T13:36:24"', {"timestamp": "2024-03-20T13:36:24Z"}),
        ("Timestamp: 2026-13-17 18:39:09Z", {}),
        ("Timestamp: 0001-01-01 00:00:00+23:00", {}),
        ("2023-03-13 18:26:58 ERROR, created after '10/15/2018'", {}),
    ],
)  # fmt: skip
def test_identifiers_by_their_neighbours(pasted, named):
    found = diagnose(pasted).as_dict()
    assert {kind: found[kind] for kind in KINDS if found[kind]} == named


def test_identifier_of_the_decisive_code_is_the_one_behind_it():
    text = (
        f"AADSTS50199: confirm. Correlation ID: {OTHER}\n"
        f"AADSTS53003: blocked. Correlation ID: {TENANT}"
    )
    assert diagnose(text).correlation_id == TENANT


def test_identifier_before_its_code_counts_where_none_follows():
    assert diagnose(f"Correlation Id: {OTHER}\nMessage: AADSTS7000112: off").correlation_id == OTHER


def test_identifiers_of_a_dump_end_after_three_hundred():
    text = f"object id {OTHER}\n" * 300 + f"Tenant ID: {TENANT}"
    assert diagnose(text).tenant_id is None
