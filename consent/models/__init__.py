"""What is asked, who waits, what was granted: one file a noun."""

from consent.models.alarm import Alarm
from consent.models.app import AppRegistration, RequiredPermission
from consent.models.attachment import Attachment
from consent.models.attempt import ConsentAttempt
from consent.models.call import CallCount
from consent.models.canary import Canary
from consent.models.code import UnknownCode
from consent.models.event import Event
from consent.models.evidence import Evidence
from consent.models.grant import Grant
from consent.models.link import ApprovalLink
from consent.models.outbox import OutboxMessage
from consent.models.pulse import Pulse
from consent.models.rate import RateCount
from consent.models.request import ConsentRequest, Reach, Rung
from consent.models.state import InvalidTransition
from consent.models.stop import MailStop
from consent.models.ticket import Reply, Ticket
from consent.models.watch import Check, Watch

__all__ = [
    "Alarm",
    "AppRegistration",
    "ApprovalLink",
    "Attachment",
    "CallCount",
    "Canary",
    "Check",
    "ConsentAttempt",
    "ConsentRequest",
    "Event",
    "Evidence",
    "Grant",
    "InvalidTransition",
    "MailStop",
    "OutboxMessage",
    "Pulse",
    "RateCount",
    "Reach",
    "Reply",
    "RequiredPermission",
    "Rung",
    "Ticket",
    "UnknownCode",
    "Watch",
]
