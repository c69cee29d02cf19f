"""The gateway to mail servers and providers: what leaves, and what a refusal means."""

import smtplib
import socket

import pytest
from aiosmtpd.controller import Controller
from anymail.exceptions import (
    AnymailAPIError,
    AnymailInvalidAddress,
    AnymailRequestsAPIError,
    AnymailSerializationError,
)

from consent.outbox import refusals
from consent.outbox.mail import Letter, Line, NotDelivered
from tests.tenants.microsoft.stage import as_json, scripted

LETTER = Letter(
    kind="consent_granted",
    to="ana@contoso.example",
    subject="Approved: you can connect now [C-1042]",
    text="It is approved.\n",
    html="<p>It is approved.</p>",
    message_id="<0123456789abcdef@acme.example>",
    reply_to="support@acme.example",
    stop_address="http://localhost:8000/stop/token/",
)
INACTIVE = (
    "Found inactive addresses: ana@contoso.example. "
    "Inactive recipients are ones that have generated a hard bounce or a spam complaint."
)


def deliver(letter):
    with Line() as line:
        line.send(letter)


def free_port():
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        return taken.getsockname()[1]


class Server:
    """Answers as it was told to: to the recipient, and to the mail."""

    def __init__(self, *, to_recipient="250 OK", to_mail="250 OK"):
        self.to_recipient, self.to_mail, self.taken = to_recipient, to_mail, []

    async def handle_RCPT(self, _server, _session, envelope, address, _options):
        if self.to_recipient.startswith("250"):
            envelope.rcpt_tos.append(address)
        return self.to_recipient

    async def handle_DATA(self, _server, _session, envelope):
        self.taken.append(envelope)
        return self.to_mail


@pytest.fixture
def serve(settings):
    """Starts a mail server that the settings know."""
    running = []

    def start(**answers):
        server = Server(**answers)
        controller = Controller(server, hostname="127.0.0.1", port=free_port())
        controller.start()
        running.append(controller)
        settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
        settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", controller.port
        return server

    yield start
    for controller in running:
        controller.stop()


def test_letter_leaves_whole(mailoutbox):
    deliver(LETTER)

    [mail] = mailoutbox
    assert (mail.to, mail.subject, mail.body) == ([LETTER.to], LETTER.subject, LETTER.text)
    assert mail.from_email == "Acme Support <support@acme.example>"
    assert mail.reply_to == ["support@acme.example"]
    assert [(part.content, part.mimetype) for part in mail.alternatives] == [
        (LETTER.html, "text/html")
    ]
    assert mail.extra_headers == {
        "Message-ID": LETTER.message_id,
        "X-Portal-Kind": "consent_granted",
        "Auto-Submitted": "auto-generated",
        "List-Unsubscribe": "<http://localhost:8000/stop/token/>",
    }


@pytest.mark.loopback
def test_letter_reaches_a_mail_server(serve):
    server = serve()

    deliver(LETTER)

    [envelope] = server.taken
    assert envelope.rcpt_tos == ["ana@contoso.example"]
    assert b"Message-ID: <0123456789abcdef@acme.example>" in envelope.content


@pytest.mark.loopback
@pytest.mark.parametrize(
    ("answers", "reason", "permanent"),
    [
        ({"to_recipient": "550 No such user"}, "550 No such user", True),
        ({"to_recipient": "451 Greylisted, come again"}, "451 Greylisted, come again", False),
        ({"to_recipient": "452 Mailbox full"}, "452 Mailbox full", False),
        (
            {"to_recipient": "550 5.1.1 <ana@contoso.example>: unknown"},
            "550 5.1.1 <…>: unknown",
            True,
        ),
        ({"to_mail": "451 Out of order"}, "451 Out of order", False),
        ({"to_mail": "554 Looks like spam"}, "554 Looks like spam", True),
    ],
)
def test_refusal_of_recipient_or_letter_is_final_with_5xx_alone(serve, answers, reason, permanent):
    serve(**answers)

    with pytest.raises(NotDelivered) as refused:
        deliver(LETTER)

    assert (str(refused.value), refused.value.permanent) == (reason, permanent)


@pytest.mark.loopback
def test_mail_server_that_is_away_is_tried_again(settings):
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", free_port()

    with pytest.raises(NotDelivered) as refused:
        deliver(LETTER)

    assert (str(refused.value), refused.value.permanent) == ("ConnectionRefusedError", False)


@pytest.mark.loopback
@pytest.mark.parametrize(
    ("answer", "reason", "permanent"),
    [
        (
            as_json({"ErrorCode": 406, "Message": INACTIVE}, 422),
            "AnymailRecipientsRefused",
            True,
        ),
        (
            as_json({"ErrorCode": 300, "Message": "Not for ana@contoso.example: no body."}, 422),
            'HTTP 422 {"ErrorCode": 300, "Message": "Not for <…> no body."}',
            True,
        ),
        (
            as_json({"Message": "A letter of 60 MB."}, 413),
            'HTTP 413 {"Message": "A letter of 60 MB."}',
            True,
        ),
        (
            as_json({"ErrorCode": 100, "Message": "Maintenance."}, 503),
            "HTTP 503",
            False,
        ),
    ],
)
def test_refusal_of_a_provider_is_final_where_it_refuses_the_recipient_or_the_letter(
    settings, answer, reason, permanent
):
    with scripted() as provider:
        settings.EMAIL_BACKEND = "anymail.backends.postmark.EmailBackend"
        settings.ANYMAIL = {
            "POSTMARK_SERVER_TOKEN": "for tests",
            "POSTMARK_API_URL": f"{provider.url}/",
        }
        provider.say("email", answer)

        with pytest.raises(NotDelivered) as refused:
            deliver(LETTER)

    assert (str(refused.value), refused.value.permanent) == (reason, permanent)


def http_error(status):
    """A provider's answer with that status; none where it did not answer."""
    error = AnymailRequestsAPIError()
    error.status_code = status
    return error


@pytest.mark.parametrize(
    ("error", "refusal"),
    [
        # About us: no letter's try is spent.
        (
            smtplib.SMTPAuthenticationError(535, b"Bad password"),
            ("535 Bad password", False, True, False),
        ),
        (
            smtplib.SMTPSenderRefused(553, b"Not you", "x@y.example"),
            ("553 Not you", False, True, False),
        ),
        (http_error(401), ("HTTP 401", False, True, False)),
        (http_error(429), ("HTTP 429", False, True, False)),
        (http_error(403), ("HTTP 403", False, True, False)),
        (http_error(500), ("HTTP 500", False, True, False)),
        (http_error(None), ("AnymailRequestsAPIError", False, True, False)),
        # About the letter, or perhaps.
        (http_error(400), ("HTTP 400", True, False, True)),
        (http_error(413), ("HTTP 413", True, False, True)),
        (http_error(422), ("HTTP 422", True, False, True)),
        (http_error(200), ("HTTP 200", False, False, True)),
        (AnymailInvalidAddress("x"), ("AnymailInvalidAddress", True, False, True)),
        (AnymailSerializationError("x"), ("AnymailSerializationError", False, False, True)),
        (AnymailAPIError("x"), ("AnymailAPIError", False, False, True)),
        (smtplib.SMTPDataError(421, b"Closing"), ("421 Closing", False, True, True)),
        (smtplib.SMTPDataError(450, "Slow\r\ndown"), ("450 Slow down", False, False, True)),
        (smtplib.SMTPServerDisconnected(), ("SMTPServerDisconnected", False, True, True)),
        (TimeoutError(), ("TimeoutError", False, True, True)),
    ],
)
def test_failure_tells_whom_it_is_about(error, refusal):
    assert refusals.read(error) == refusals.Refusal(*refusal)


@pytest.mark.parametrize("error", [TimeoutError(), smtplib.SMTPConnectError(554, b"Go away")])
def test_failure_before_the_call_was_taken_is_no_letters_fault(error):
    found = refusals.read(error, opened=False)

    assert (found.is_final, found.is_for_all, found.spends_try) == (False, True, False)
