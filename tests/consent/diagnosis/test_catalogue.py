"""The catalogue of codes."""

from consent.diagnosis import Actor, Cause, CodeEntry, all_entries, entry

EXPECTED = CodeEntry(
    code="AADSTS50105",
    name="EntitlementGrantsNotFound",
    meaning="The app is reserved for assigned people, and this person is not among them.",
    cause=Cause.USER_ASSIGNMENT_REQUIRED,
    actor=Actor.TENANT_ADMIN,
    consent_helps="no",
)


def test_entry_in_any_spelling():
    assert [entry(code) for code in ("AADSTS50105", "aadsts50105", "50105")] == [EXPECTED] * 3


def test_entry_of_an_unknown_code_is_none():
    assert entry("AADSTS999999") is None


def test_entry_links_to_microsoft():
    assert EXPECTED.link == "https://login.microsoftonline.com/error?code=50105"


def test_entries_are_complete():
    entries = all_entries()
    assert len({each.code for each in entries}) == len(entries) >= 165
    assert {each.consent_helps for each in entries} == {"yes", "no", "maybe"}
    assert [each.code for each in entries if not each.meaning.endswith(".")] == []


def test_entries_that_consent_ends_name_an_administrator():
    helped = [each for each in all_entries() if each.consent_helps == "yes"]
    assert {each.actor for each in helped} == {Actor.TENANT_ADMIN}
