import pytest

from consent.models import Reach, Rung
from consent.verification.ladder import Known, SignIn, Verdict, judge
from portal.sandbox.microsoft.seed import Role
from tenants.microsoft.permissions import GRAPH
from tests.factories import permissions

NOTHING = frozenset()
#: Users may approve these for themselves; Group.Read.All and application ones they may not.
DELEGATED = permissions("User.Read", "Mail.Read")
WITH_GROUPS = permissions("User.Read", "Group.Read.All")
APPLICATION = permissions("application Mail.Read")
BOTH = DELEGATED | APPLICATION
GLOBAL = frozenset({Role.GLOBAL_ADMINISTRATOR.value})
CLOUD = frozenset({Role.CLOUD_APPLICATION_ADMINISTRATOR.value})
READER = frozenset({Role.GLOBAL_READER.value})


def administrator(roles=GLOBAL, covers=DELEGATED, person="admin"):
    return SignIn(person, roles, covers)


def user(person="ana", covers=DELEGATED):
    return SignIn(person, None, covers)


def known(required=DELEGATED, **facts):
    return Known(required, **{"present": True, **facts})


def granted(rung, reach=Reach.EVERYONE):
    return Verdict(rung, True, reach, NOTHING, looks_approved=False)


def not_granted(rung=Rung.NONE, missing=NOTHING, looks_approved=False):
    return Verdict(rung, False, None, missing, looks_approved)


@pytest.mark.parametrize(
    ("facts", "verdict"),
    [
        (known(present=False), not_granted()),
        (known(), not_granted()),
        (known(present=False, claimed=True), not_granted(Rung.CLAIMED)),
        (known(claimed=True), not_granted(Rung.CLAIMED)),
        # There since before: a colleague's own consent left it behind, which says nothing.
        (known(news=False), not_granted()),
        (known(present=False, news=True), not_granted()),
        (known(news=True), not_granted(Rung.INSTALLED, looks_approved=True)),
        (known(news=True, claimed=True), not_granted(Rung.INSTALLED, looks_approved=True)),
        (known(news=True, refused_since_news=True), not_granted(Rung.INSTALLED)),
        (
            known(news=True, for_everyone=NOTHING),
            not_granted(Rung.INSTALLED, missing=DELEGATED),
        ),
    ],
)
def test_without_proof_the_rung_says_what_is_known(facts, verdict):
    assert judge(facts) == verdict


@pytest.mark.parametrize(
    ("required", "read", "verdict"),
    [
        (DELEGATED, {"for_everyone": DELEGATED}, granted(Rung.DIRECTORY)),
        (DELEGATED, {"for_everyone": permissions("MAIL.READ", "user.read")}, granted("directory")),
        (
            DELEGATED,
            {"for_everyone": permissions("User.Read", "https://graph.microsoft.com/Mail.Read")},
            granted(Rung.DIRECTORY),
        ),
        (
            DELEGATED,
            {"for_everyone": permissions("User.Read", "Mail.ReadWrite")},
            not_granted(missing=permissions("Mail.Read")),
        ),
        (
            DELEGATED,
            {"for_everyone": permissions("User.Read", "application Mail.Read")},
            not_granted(missing=permissions("Mail.Read")),
        ),
        (APPLICATION, {"application": APPLICATION}, granted(Rung.DIRECTORY)),
        (APPLICATION, {"application": NOTHING}, not_granted(missing=APPLICATION)),
        (APPLICATION, {"application": None}, not_granted()),
        (BOTH, {"application": APPLICATION, "for_everyone": DELEGATED}, granted(Rung.DIRECTORY)),
        (BOTH, {"application": APPLICATION}, not_granted()),
        (BOTH, {"for_everyone": DELEGATED}, not_granted()),
        (
            BOTH,
            {"application": APPLICATION, "for_everyone": permissions("User.Read")},
            not_granted(missing=permissions("Mail.Read")),
        ),
    ],
)
def test_directory_proves_what_it_shows_and_names_what_it_lacks(required, read, verdict):
    assert judge(known(required, **read)) == verdict


@pytest.mark.parametrize(
    ("required", "who", "rung"),
    [
        (DELEGATED, administrator(GLOBAL), Rung.SIGN_IN),
        (DELEGATED, administrator(CLOUD), Rung.SIGN_IN),
        (DELEGATED, administrator(GLOBAL, covers=permissions("User.Read")), None),
        (DELEGATED, administrator(READER), None),
        (DELEGATED, administrator(NOTHING), None),
        # A custom role may consent and never shows: that is no "no", only no proof.
        (DELEGATED, administrator(None), None),
        (APPLICATION, administrator(GLOBAL, covers=APPLICATION), None),
    ],
)
def test_sign_in_proves_the_whole_set_of_who_may_consent_to_it(required, who, rung):
    verdict = judge(known(required, administrators=(who,)))

    assert verdict == (granted(rung) if rung else not_granted())


def test_sign_in_proves_delegated_permissions_beside_application_ones_of_the_directory():
    facts = known(BOTH, application=APPLICATION, administrators=(administrator(),))

    assert judge(facts) == granted(Rung.SIGN_IN)


def test_sign_in_by_a_role_that_may_not_approve_application_permissions_proves_nothing():
    facts = known(BOTH, application=APPLICATION, administrators=(administrator(CLOUD),))

    assert judge(facts) == not_granted()


def test_sign_in_counts_for_nothing_where_the_directory_can_be_read():
    facts = known(for_everyone=NOTHING, administrators=(administrator(),))

    assert judge(facts) == not_granted(missing=DELEGATED)


@pytest.mark.parametrize(
    ("required", "people", "is_proved"),
    [
        (DELEGATED, [user("ana")], False),
        (DELEGATED, [user("ana"), user("ana")], False),
        (DELEGATED, [user("ana"), user("ben")], True),
        (DELEGATED, [user("ana"), user("ben", permissions("User.Read"))], False),
        # Nobody can give himself Group.Read.All.
        (WITH_GROUPS, [user("ana", WITH_GROUPS)], True),
        (WITH_GROUPS, [user("ana", permissions("User.Read"))], False),
    ],
)
def test_use_proves_a_set_that_people_could_not_have_given_themselves(required, people, is_proved):
    verdict = judge(known(required, people=tuple(people)))

    assert verdict == (granted(Rung.IN_USE) if is_proved else not_granted())


def test_use_by_one_person_proves_nothing_where_roles_are_not_shown():
    facts = known(WITH_GROUPS, people=(user("ana", WITH_GROUPS),), shows_roles=False)

    assert judge(facts) == not_granted()


def test_use_by_a_claimant_who_shows_no_role_proves_nothing():
    claimant = administrator(None, covers=WITH_GROUPS)

    assert judge(known(WITH_GROUPS, administrators=(claimant,))) == not_granted()


def test_use_by_a_claimant_who_is_no_administrator_proves_what_nobody_gives_himself():
    claimant = administrator(READER, covers=WITH_GROUPS)

    assert judge(known(WITH_GROUPS, administrators=(claimant,))) == granted(Rung.IN_USE)


def test_roles_of_an_api_that_no_look_could_read_are_neither_granted_nor_missing():
    facts = known(BOTH, application=NOTHING, for_everyone=DELEGATED, unread=frozenset({GRAPH}))

    assert judge(facts) == not_granted()


def test_use_counts_an_administrator_whose_role_is_not_shown_as_one_person():
    facts = known(administrators=(administrator(None, person="custom"),), people=(user("ana"),))

    assert judge(facts) == granted(Rung.IN_USE)


def test_use_never_proves_application_permissions():
    facts = known(APPLICATION, people=(user("ana", APPLICATION), user("ben", APPLICATION)))

    assert judge(facts) == not_granted()


def test_nothing_is_proved_while_our_service_principal_is_missing_or_disabled():
    facts = known(
        BOTH,
        present=False,
        claimed=True,
        application=APPLICATION,
        for_everyone=DELEGATED,
        administrators=(administrator(),),
    )

    assert judge(facts) == not_granted(Rung.CLAIMED)


@pytest.mark.parametrize(
    ("facts", "verdict"),
    [
        (known(witnessed=True), granted(Rung.WITNESS)),
        (known(witnessed=True, present=False), not_granted()),
        (known(witnessed=False), not_granted()),
        # It came with the delegated permissions; application ones a token shows for itself.
        (known(BOTH, witnessed=True, application=APPLICATION), granted(Rung.WITNESS)),
        (known(BOTH, witnessed=True, application=NOTHING), not_granted(missing=APPLICATION)),
        # What was seen counts for more than what was concluded.
        (known(witnessed=True, for_everyone=NOTHING), not_granted(missing=DELEGATED)),
        (known(witnessed=True, for_everyone=DELEGATED), granted(Rung.DIRECTORY)),
        (known(witnessed=True, administrators=(administrator(),)), granted(Rung.SIGN_IN)),
        (known(witnessed=True, people=(user("ana"), user("ben"))), granted(Rung.WITNESS)),
        # Somebody's own consent brings the app along and no witness.
        (known(witnessed=False, news=True), not_granted(Rung.INSTALLED)),
        (known(witnessed=False, people=(user("ana"), user("ben"))), granted(Rung.IN_USE)),
    ],
)
def test_witness_proves_what_it_was_granted_with(facts, verdict):
    assert judge(facts) == verdict


@pytest.mark.parametrize(
    ("weakest", "facts", "rung"),
    [
        (Rung.WITNESS, {"people": (user("ana"), user("ben"))}, None),
        (Rung.WITNESS, {"witnessed": True}, Rung.WITNESS),
        (Rung.SIGN_IN, {"witnessed": True}, None),
        (Rung.SIGN_IN, {"administrators": (administrator(),)}, Rung.SIGN_IN),
        (Rung.DIRECTORY, {"administrators": (administrator(),), "witnessed": True}, None),
        (Rung.DIRECTORY, {"for_everyone": DELEGATED}, Rung.DIRECTORY),
    ],
)
def test_registration_may_ask_for_more(weakest, facts, rung):
    verdict = judge(known(weakest=weakest, **facts))

    assert verdict == (granted(rung) if rung else not_granted())


def test_an_app_that_cannot_look_is_proved_by_use_alone():
    facts = known(WITH_GROUPS, present=False, looks_needed=False, people=(user("a", WITH_GROUPS),))

    assert judge(facts) == granted(Rung.IN_USE)


def test_an_empty_set_is_never_proved():
    facts = known(NOTHING, application=NOTHING, for_everyone=NOTHING)

    assert judge(facts) == not_granted()


def test_grant_reaches_those_assigned_where_the_tenant_wants_assignment():
    facts = known(for_everyone=DELEGATED, assignment_required=True)

    assert judge(facts) == granted(Rung.DIRECTORY, reach=Reach.ASSIGNED)
