"""Requests of which nobody has heard, because the mails to their administrators were given up."""

from django.db.models import Exists, OuterRef, QuerySet

from consent.models import ApprovalLink, ConsentRequest, OutboxMessage

_ASKING = OutboxMessage.objects.filter(kind="approval_request")


def unreached() -> "QuerySet[ConsentRequest]":
    """Asked requests where the last mail to each administrator with a live link was given up."""
    later = _ASKING.filter(link=OuterRef("link"), pk__gt=OuterRef("pk"))
    failed = _ASKING.filter(state=OutboxMessage.State.FAILED).exclude(Exists(later))
    asked = ApprovalLink.objects.filter(
        state=ApprovalLink.State.LIVE, way__in=ApprovalLink.ASKED, request=OuterRef("pk")
    )
    lost = asked.filter(pk__in=failed.values("link"))
    return ConsentRequest.objects.filter(
        Exists(lost), ~Exists(asked.exclude(pk__in=failed.values("link"))), state="asked"
    )


def given_up_mail(links: list[ApprovalLink]) -> OutboxMessage | None:
    """The same for the live links of one request: the latest mail that was given up where none of
    them was reached, else None.
    """
    asked = [link.pk for link in links if link.is_live and link.was_asked]
    last = {mail.link_id: mail for mail in _ASKING.filter(link__in=asked).order_by("pk")}
    given_up = [mail for mail in last.values() if mail.state == OutboxMessage.State.FAILED]
    return given_up[-1] if given_up and len(given_up) == len(asked) else None
