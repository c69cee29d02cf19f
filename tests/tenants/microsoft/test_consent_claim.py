"""What a browser says on its way back from the consent page, read as a claim."""

import pytest

from tenants.microsoft.consent_claim import ConsentClaim, read_claim

TENANT = "11111111-2222-4333-8444-555555555555"
CANCELLED = ConsentClaim(is_approval=False, is_cancelled=True)


@pytest.mark.parametrize(
    ("query", "claim"),
    [
        ({}, ConsentClaim(is_approval=False)),
        (
            {"admin_consent": "True", "tenant": TENANT.upper(), "scope": "User.Read"},
            ConsentClaim(is_approval=True, tenant_id=TENANT, scope="User.Read"),
        ),
        ({"admin_consent": "False", "tenant": "x"}, ConsentClaim(False, tenant_id="x")),
        # Whoever presses Cancel comes back with admin_consent=True all the same.
        ({"admin_consent": "True", "error": "permission_denied"}, CANCELLED),
        ({"error": "access_denied", "error_subcode": "cancel"}, CANCELLED),
        (
            {"error": "access_denied", "error_description": "AADSTS65004: User declined."},
            ConsentClaim(False, is_cancelled=True, codes=("AADSTS65004",)),
        ),
        (
            {"error": "x", "error_description": " ".join(f"AADSTS5001{n}" for n in range(9))},
            ConsentClaim(False, codes=("AADSTS50010", "AADSTS50011", "AADSTS50012")),
        ),
        (
            {"error": "x", "error_description": " " * 2048 + "AADSTS50011"},
            ConsentClaim(is_approval=False),
        ),
    ],
)
def test_return_is_read_as_a_claim(query, claim):
    assert read_claim(query) == claim
