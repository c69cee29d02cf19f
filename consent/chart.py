"""What we know of one ticket, for the doctor: rows, each read once and only when it is needed."""

from dataclasses import dataclass
from datetime import datetime
from functools import cached_property

from consent.diagnosis import Diagnosis, diagnose
from consent.models import Check, ConsentRequest, Evidence, Grant, Ticket
from tenants.microsoft.errors import SignInRefusal


@dataclass(frozen=True)
class Chart:
    """What the rows say of one ticket, each read once and only when it is needed."""

    ticket: Ticket
    at: datetime

    @property
    def request(self) -> ConsentRequest | None:
        """What the ticket waits for."""
        return self.ticket.request

    @property
    def granted(self) -> ConsentRequest | None:
        """The same, once it is granted."""
        return self.request if self.request and self.request.is_granted else None

    @cached_property
    def look(self) -> Check | None:
        """The last look that says something about the tenant."""
        telling = Check.objects.filter(outcome__in=Check.TELLING)
        here = {"watch__tenant": self.ticket.tenant_id, "watch__app": self.ticket.app_id}
        return telling.filter(**here).order_by("-at", "-pk").first()

    @cached_property
    def test(self) -> Evidence | None:
        """This person's own last test."""
        tests = Evidence.objects.filter(ticket=self.ticket, kind=Evidence.Kind.COVERAGE)
        return tests.order_by("-at", "-pk").first()

    @cached_property
    def paste(self) -> Diagnosis:
        """What the person pasted last."""
        return diagnose(self.ticket.pasted)

    @cached_property
    def newest_version_granted(self) -> int | None:
        """Of the app's permissions in this tenant, also where the grant is over by now."""
        versions = ConsentRequest.objects.filter(
            tenant=self.ticket.tenant_id, app=self.ticket.app_id, granted_at__isnull=False
        ).values_list("permission_version", flat=True)
        return max(versions, default=None)

    @cached_property
    def grants(self) -> list[Grant]:
        """What a look that could read the directory saw for everyone, and did not see go."""
        standing = Grant.objects.filter(person="", gone_at__isnull=True)
        return list(standing.filter(tenant=self.ticket.tenant_id, app=self.ticket.app_id))

    @property
    def absent(self) -> list[str]:
        """The names the app needs and `grants` lacks, of the kinds that could be read."""
        readable = {row.kind for row in self.grants}
        standing = {row.permission for row in self.grants}
        needed = self.ticket.app.needed()
        return sorted(str(each) for each in needed - standing if each.kind.value in readable)

    @property
    def looked_at(self) -> datetime | None:
        """When Microsoft last told something about the tenant."""
        return self.look.at if self.look else None

    def tested_as(self, *refusals: SignInRefusal) -> bool:
        """The person's own test ended like that."""
        return self.test is not None and self.test.said in {each.value for each in refusals}
