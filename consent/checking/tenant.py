"""What Microsoft says of one app in one tenant now, judged as the worker would, with no row
changed.
"""

import asyncio
from dataclasses import dataclass
from enum import IntEnum
from typing import Any

from consent import requests
from consent.models import AppRegistration, ConsentRequest, Rung, Watch
from consent.verification import looking
from consent.verification.claiming import ClaimedLook, look_without_lease
from consent.verification.findings import Finding
from consent.verification.gathering import gather, is_witnessed
from consent.verification.ladder import Known, Verdict, judge
from tenants.addresses import BadAddress, is_personal, normal_domain
from tenants.microsoft import graph
from tenants.microsoft.clouds import cloud
from tenants.microsoft.errors import MicrosoftError, TenantUnknown
from tenants.microsoft.guids import is_guid
from tenants.microsoft.metadata import find_tenant
from tenants.microsoft.permissions import Kind
from tenants.models import Tenant, TenantDomain


class CannotLook(Exception):
    """There is nothing to look at; the message says why in one sentence."""


class Conclusion(IntEnum):
    """What the look came to; also the command's exit code."""

    GRANTED = 0
    NOT_YET = 1
    NOT_FOUND_OUT = 2


@dataclass(frozen=True)
class Answer:
    """One look, judged together with the evidence of the tenant's request, where there is one."""

    app: AppRegistration
    tenant: Tenant
    domain: str
    finding: Finding
    verdict: Verdict

    @property
    def conclusion(self) -> Conclusion:
        """Granted, not yet, or not to be found out now."""
        if self.verdict.granted:
            return Conclusion.GRANTED
        return Conclusion.NOT_YET if self.finding.is_telling else Conclusion.NOT_FOUND_OUT

    @property
    def granted(self) -> list[str]:
        """Names of what this look read as granted for everyone; the whole set once proved."""
        read = (self.finding.application or frozenset()) | (
            self.finding.for_everyone or frozenset()
        )
        proved = self.app.needed() if self.verdict.granted else frozenset()
        return sorted({permission.name for permission in read | proved})

    @property
    def missing(self) -> list[str]:
        """Names of what is required and was seen not to be granted."""
        return sorted({permission.name for permission in self.verdict.missing})

    @property
    def flags(self) -> list[str]:
        """What else one should know, as short words."""
        finding = self.finding
        raised = {
            "no_credential": finding.outcome is None,
            "could_not_look": finding.outcome is not None and not finding.is_telling,
            "disabled": finding.outcome == "disabled",
            "assignment_required": finding.assignment_required,
            "looks_approved": self.verdict.looks_approved,
            "delegated_not_readable": finding.present
            and finding.for_everyone is None
            and any(one.kind == Kind.DELEGATED for one in self.app.permissions()),
        }
        return [name for name, is_raised in raised.items() if is_raised]

    def as_dict(self) -> dict[str, Any]:
        """The answer as JSON has it: names, lists and null."""
        return {
            "tenant_id": self.tenant.tenant_id,
            "domain": self.domain or None,
            "cloud": self.tenant.cloud,
            "app": self.app.slug,
            "client_id": self.app.client_id,
            "conclusion": self.conclusion.name.lower(),
            "outcome": self.finding.outcome.value if self.finding.outcome else None,
            "code": self.finding.code or None,
            "rung": self.verdict.rung.value,
            "rung_words": str(self.verdict.rung.label),
            "granted": self.granted,
            "missing": self.missing,
            "reach": self.verdict.reach.value if self.verdict.reach else None,
            "flags": self.flags,
        }


def look(domain_or_guid: str, *, slug: str | None = None) -> Answer:
    """Look once. Without `slug` it is the app that the tenant was asked for last, else the first.

    Raises CannotLook for bad input, an unknown tenant, and a cloud where the app is not registered.
    Never call it inside a transaction.
    """
    tenant, domain = _find(domain_or_guid.strip().lower(), slug)
    app = _app(tenant, slug)
    claimed = look_without_lease(Watch(tenant=tenant, app=app))
    finding = asyncio.run(_look(claimed))
    return Answer(app, tenant, domain, finding, judge(_known(tenant, app, finding)))


async def _look(claimed: ClaimedLook) -> Finding:
    async with graph.new_session() as session:
        return await looking.look(session, claimed)


def _find(text: str, slug: str | None) -> tuple[Tenant, str]:
    """The tenant, perhaps one that has no row, and its domain or an empty text."""
    if is_guid(text):
        known = Tenant.objects.filter(tenant_id=text).order_by("pk").first()
        return (known, known.domain) if known else (_in_cloud_of_app(text, slug), "")
    try:
        domain = normal_domain(text)
    except BadAddress:
        raise CannotLook(f"{text!r} is neither a domain nor a tenant's GUID.") from None
    if is_personal(domain):
        raise CannotLook(f"{domain} is for personal accounts; nobody is administrator there.")
    row = TenantDomain.objects.select_related("tenant").filter(name=domain).first()
    if row:
        return row.tenant, domain
    try:
        found = find_tenant(domain)
    except TenantUnknown:
        raise CannotLook(f"Microsoft knows no tenant for {domain}.") from None
    except MicrosoftError as error:
        reason = error.code or type(error).__name__
        raise CannotLook(f"Microsoft could not be asked about {domain} ({reason}).") from None
    known = Tenant.objects.filter(cloud=found.cloud_name, tenant_id=found.tenant_id).first()
    return known or Tenant(cloud=found.cloud_name, tenant_id=found.tenant_id), domain


def _in_cloud_of_app(tenant_id: str, slug: str | None) -> Tenant:
    rows = AppRegistration.objects.order_by("pk")
    app = (rows.filter(slug=slug) if slug else rows).first()
    if app is None:
        raise CannotLook(_no_app(slug))
    return Tenant(cloud=app.cloud, tenant_id=tenant_id)


def _app(tenant: Tenant, slug: str | None) -> AppRegistration:
    rows = AppRegistration.objects.prefetch_related("required_permissions").order_by("pk")
    named = rows.filter(slug=slug) if slug else rows
    if not named.exists():
        raise CannotLook(_no_app(slug))
    here = named.filter(cloud=tenant.cloud)
    asked = here.filter(requests__tenant__tenant_id=tenant.tenant_id).order_by("-requests__pk")
    app = asked.first() or here.first()
    if app is None:
        where = cloud(tenant.cloud).label
        raise CannotLook(f"That tenant lives in {where}, where no app of ours is registered.")
    return app


def _no_app(slug: str | None) -> str:
    return f"No app is registered as {slug!r}." if slug else "No app is registered yet."


def _known(tenant: Tenant, app: AppRegistration, finding: Finding) -> Known:
    request = _request(tenant, app)
    if request:
        news = request.news_at is not None or (request.absent_at is not None and finding.present)
        return gather(request, finding, news=news, at=finding.at)
    return Known(
        required=app.needed(),
        present=finding.present,
        assignment_required=finding.assignment_required,
        application=finding.application,
        for_everyone=finding.for_everyone,
        looks_needed=bool(app.credential),
        witnessed=is_witnessed(app, finding),
        weakest=Rung(app.weakest_proof),
    )


def _request(tenant: Tenant, app: AppRegistration) -> ConsentRequest | None:
    """The request whose evidence counts: of the permissions that the app needs now."""
    if tenant._state.adding:
        return None
    request = requests.standing(tenant.pk, app)
    if request and request.permission_version == app.permission_version:
        return request
    return None
