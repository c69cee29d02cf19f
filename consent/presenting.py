"""Facts in the form in which pages and mails show them. Words stay in templates; nothing here is
markup.
"""

import re
from dataclasses import dataclass

from django.conf import settings
from django.urls import reverse

from consent import tokens
from consent.models import ApprovalLink, Check, ConsentRequest, Ticket
from tenants.microsoft.permissions import plain_words, role_needed
from tenants.models import Contact


@dataclass(frozen=True)
class AskedPermission:
    """One permission as an administrator reads it; `kind` is `delegated`, `application` or, for
    what opens nothing and only proves the others, `witness`.
    """

    value: str
    kind: str
    words: str
    reason: str
    without_it: str


def asked_permissions(request: ConsentRequest) -> list[AskedPermission]:
    """The request's permissions with their reasons, in the vendor's order."""
    return [
        AskedPermission(
            row.value,
            "witness" if row.is_witness else row.kind,
            "" if row.is_witness else str(plain_words(row.permission)),
            row.reason,
            row.without_it,
        )
        for row in request.app.rows(request.permission_version)
    ]


def needed_role(request: ConsentRequest) -> str:
    """`cloud_application_administrator` or `privileged_role_administrator`: the smallest role that
    may approve.
    """
    return str(role_needed(request.app.permissions(request.permission_version)))


def defused(text: str) -> str:
    """A stranger's words without anything that a mail program would turn into a link."""
    text = re.sub(r"://", " : // ", text)
    text = re.sub(r"(?<=\w)\.(?=\w)", "[.]", text)
    return text.replace("@", " (at) ")


def absolute(name: str, *args: object) -> str:
    """The address of a page on PORTAL_URL, never on the Host of some request."""
    return f"{settings.PORTAL_URL}{reverse(name, args=args)}"


def approval_address(link: ApprovalLink) -> str:
    """The emailed address of the administrator's page."""
    return absolute("approval:page", tokens.approval_token(link))


def approval_path(link: ApprovalLink) -> str:
    """The same without the host, for redirects."""
    return reverse("approval:page", args=[tokens.approval_token(link)])


def status_address(ticket: Ticket) -> str:
    """The address of the requester's page."""
    return absolute("public:ticket", tokens.ticket_token(ticket))


def stop_address(contact: Contact) -> str:
    """The address behind *never write to me again*."""
    return absolute("public:stop", tokens.stop_token(contact))


def was_there_before(request: ConsentRequest) -> bool:
    """Our app was in the tenant at the first look: somebody consented for himself long ago. That
    says nothing of an approval.
    """
    if request.absent_at or request.news_at:
        return False
    looks = Check.objects.filter(watch__tenant=request.tenant_id, watch__app=request.app_id)
    return looks.filter(outcome=Check.Outcome.PRESENT).exists()


def listing(request: ConsentRequest) -> str:
    """Whether Microsoft's portal lists the app in that organisation: `listed` or `absent` by the
    last look, empty where no look could tell.
    """
    if request.news_at or request.disabled_at or was_there_before(request):
        return "listed"
    return "absent" if request.absent_at else ""


def portal_way(request: ConsentRequest) -> str:
    """Microsoft's own page for the app in the Entra admin centre: the way without our link."""
    app = request.app
    blade = "#view/Microsoft_AAD_IAM/ManagedAppMenuBlade/~/Permissions/appId"
    return f"{app.microsoft.admin_portal}/{blade}/{app.client_id}"
