"""What tests of the proof by sign-in stand on: a browser at Microsoft, and its hops."""

from consent import proofs
from consent.errands import unseal
from consent.models import Evidence
from consent.proofs import Hop
from portal.sandbox.microsoft.seed import APPS
from tests.factories import (
    ApprovalLinkFactory,
    ConsentAttemptFactory,
    ConsentRequestFactory,
    seeded_app,
    seeded_tenant,
)
from tests.tenants.microsoft.stage import Browser

RESULT = "/a/token/result/"
CLIENT_IDS = {app.slug: app.client_id for app in APPS}


def asked(tenant="contoso", app="acme-calendar"):
    """A request of the simulated Microsoft's tenant and app."""
    return ConsentRequestFactory(asked=True, tenant=seeded_tenant(tenant), app=seeded_app(app))


def claimed(request):
    """A trip that came back with a claim."""
    return ConsentAttemptFactory(link=ApprovalLinkFactory(request=request), claimed=True)


def browser_of(microsoft, *accounts, tenant="contoso", app="acme-calendar"):
    """A browser in which these accounts are signed in at Microsoft."""
    browser = Browser()
    for account in accounts:
        browser._session.post(
            f"{microsoft.url}/{tenant}.example/oauth2/v2.0/authorize",
            {"account": account},
            params={
                "client_id": CLIENT_IDS[app],
                "redirect_uri": proofs.return_address(),
                "response_type": "code",
                "scope": "openid",
                "prompt": "select_account",
            },
            allow_redirects=False,
            timeout=10,
        )
    return browser


def prove(browser, errand, account=""):
    """Follow the hops to their end: the arrival, and how many there were.

    On a visible one `account` is picked.
    """
    step, hops = proofs.begin(errand), 0
    while isinstance(step, Hop):
        errand = unseal(step.sealed)
        if errand.visible:
            query = browser.sign_in(step.address, account)
        else:
            query = browser.visit(step.address)
        step, hops = proofs.come_back(errand, query), hops + 1
    return step, hops


def evidence():
    """What was learnt, in order: kind, what it said, and of whom."""
    return [(row.kind, row.said, row.person) for row in Evidence.objects.order_by("pk")]
