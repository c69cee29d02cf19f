"""What tests ask of the rows, in one word each."""

from consent.models import Event, OutboxMessage


def fresh(row):
    """The row as it is in the database now."""
    row.refresh_from_db()
    return row


def state_of(row):
    """Its state as it is in the database now."""
    return fresh(row).state


def kinds():
    """The timeline, in order."""
    return [event.kind for event in Event.objects.all()]


def events():
    """The timeline, in order: kind and detail."""
    return [(event.kind, event.detail) for event in Event.objects.all()]


def mails():
    """The mails queued, in order: kind and address."""
    return list(OutboxMessage.objects.order_by("pk").values_list("kind", "to__email"))


def mailed():
    """The mails queued, in order: kind and recipient."""
    return [(mail.kind, mail.to) for mail in OutboxMessage.objects.order_by("pk")]
