"""What holds for the ladder whatever is known."""

from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from consent.models import Reach, Rung
from consent.verification.ladder import Known, SignIn, judge
from portal.sandbox.microsoft.seed import Role
from tests.factories import permissions

NOTHING = frozenset()
NAMES = ["User.Read", "Mail.Read", "Mail.ReadWrite", "Group.Read.All"]
ALL = permissions(*NAMES, *(f"application {name}" for name in NAMES))
SETS = st.frozensets(st.sampled_from(sorted(ALL, key=repr)))
ROLES = st.none() | st.frozensets(st.sampled_from([role.value for role in Role]))
PEOPLE = st.lists(st.builds(SignIn, st.sampled_from("abc"), ROLES, SETS)).map(tuple)
FACTS = st.builds(
    Known,
    required=SETS,
    claimed=st.booleans(),
    present=st.booleans(),
    news=st.booleans(),
    assignment_required=st.booleans(),
    application=st.none() | SETS,
    for_everyone=st.none() | SETS,
    administrators=PEOPLE,
    people=PEOPLE,
    refused_since_news=st.booleans(),
    looks_needed=st.booleans(),
    witnessed=st.none() | st.booleans(),
    shows_roles=st.booleans(),
    weakest=st.sampled_from([Rung.IN_USE, Rung.WITNESS, Rung.SIGN_IN, Rung.DIRECTORY]),
)


def of_kind(kind, several):
    return frozenset(one for one in several if one.kind == kind)


@given(FACTS)
def test_granted_means_that_every_permission_is_covered(facts):
    verdict = judge(facts)
    if not verdict.granted:
        return

    seen_in_use = frozenset().union(*(who.covers for who in (*facts.administrators, *facts.people)))
    if facts.witnessed:
        seen_in_use = facts.required
    delegated = facts.for_everyone if facts.for_everyone is not None else seen_in_use
    assert of_kind("application", facts.required) <= (facts.application or NOTHING)
    assert of_kind("delegated", facts.required) <= delegated
    assert facts.required
    assert facts.present or not facts.looks_needed
    assert (verdict.missing, verdict.looks_approved) == (NOTHING, False)
    assert verdict.rung in {Rung.SIGN_IN, Rung.DIRECTORY, Rung.WITNESS, Rung.IN_USE}
    assert verdict.reach in {Reach.EVERYONE, Reach.ASSIGNED}


@given(FACTS)
def test_missing_is_exactly_what_is_required_and_was_not_among_what_could_be_read(facts):
    verdict = judge(facts)

    lacking = set()
    if facts.application is not None:
        lacking |= of_kind("application", facts.required) - facts.application
    if facts.for_everyone is not None:
        lacking |= of_kind("delegated", facts.required) - facts.for_everyone
    assert verdict.missing == lacking
    assert not (verdict.granted and lacking)


@given(FACTS)
def test_what_lacks_proof_has_no_reach_and_stays_on_the_lower_rungs(facts):
    verdict = judge(facts)
    if verdict.granted:
        return

    assert verdict.reach is None
    assert verdict.rung in {Rung.NONE, Rung.CLAIMED, Rung.INSTALLED}
    if verdict.looks_approved:
        assert (verdict.rung, verdict.missing) == (Rung.INSTALLED, NOTHING)


@given(FACTS, SETS)
def test_more_than_what_is_asked_changes_nothing(facts, more):
    richer = replace(
        facts,
        application=None
        if facts.application is None
        else facts.application | (more - facts.required),
        for_everyone=None
        if facts.for_everyone is None
        else facts.for_everyone | (more - facts.required),
    )

    assert judge(richer) == judge(facts)


@given(FACTS)
def test_claims_and_news_never_grant(facts):
    bare = replace(facts, claimed=False, news=False, refused_since_news=False)

    assert judge(facts).granted == judge(bare).granted
