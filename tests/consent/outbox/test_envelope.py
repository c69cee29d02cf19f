"""What goes over the wire reads as what Django itself would send."""

from datetime import UTC
from email import message_from_bytes, policy

import pytest
from django.core.mail import BadHeaderError, EmailMultiAlternatives
from django.utils import timezone

from consent.outbox.envelope import LetterMessage

COMMON = {
    "subject": "Approved: you can connect now [C-1042]",
    "body": "Hello,\n\nit is approved.\n.\nFrom us\n",
    "from_email": "Acme Support <support@acme.example>",
    "to": ["ana@contoso.example"],
    "reply_to": ["support@acme.example"],
    "headers": {"Message-ID": "<0123@acme.example>", "X-Portal-Kind": "consent_granted"},
}
HTML = "<p>It is approved.</p>\n"


def read(mail, linesep):
    """Headers, and each part with its headers, as a mail program reads them."""
    parsed = message_from_bytes(mail.message().as_bytes(linesep=linesep), policy=policy.default)
    parts = [
        (p.get_content_type(), p.get_content_charset(), p.get_content())
        for p in parsed.iter_parts()
    ]
    left_out = {"Content-Type", "Date"}
    words = {name: " ".join(str(v).split()) for name, v in parsed.items()}
    return {name: words[name] for name in words.keys() - left_out}, parts


@pytest.mark.parametrize("linesep", ["\n", "\r\n"])
@pytest.mark.parametrize(
    "more",
    [
        {},
        {"subject": "Bestätigt für Ångström, Müller, Jürgens, Börner, Löwe und Käthe in Köln"},
        {"subject": "Approved " * 17},
        {"from_email": "Jürgen <support@acme.example>", "to": ["jörg@contoso.example"]},
        {"body": "Grüße 🙂\n"},
        {"body": "x" * 1200 + "\n\tü = 1\n"},
    ],
)
def test_mail_reads_as_the_one_that_django_writes(more, linesep):
    ours, djangos = (kind(**{**COMMON, **more}) for kind in (LetterMessage, EmailMultiAlternatives))
    for mail in (ours, djangos):
        mail.attach_alternative(HTML, "text/html")

    assert read(ours, linesep) == read(djangos, linesep)


@pytest.mark.parametrize("more", ["", "x" * 1200], ids=["short lines", "long lines"])
def test_carriage_return_goes_over_the_wire_only_before_a_line_feed(more):
    body = f"Hello,\r.\rMAIL FROM:<eva@x.example>\r\r\n.\r\n\n\rüx{more}\r"
    mail = LetterMessage(**{**COMMON, "body": body})
    mail.attach_alternative(HTML.replace("\n", "\r"), "text/html")

    sent = mail.message().as_bytes(linesep="\r\n")

    assert sent.count(b"\r") == sent.count(b"\n") == sent.count(b"\r\n")
    _headers, parts = read(mail, "\n")
    lines = f"Hello,\n.\nMAIL FROM:<eva@x.example>\n\n.\n\n\nüx{more}\n"
    assert parts == [("text/plain", "utf-8", lines), ("text/html", "utf-8", HTML)]


def test_mail_is_dated_now():
    parsed = message_from_bytes(LetterMessage(**COMMON).message().as_bytes(), policy=policy.default)

    dated = parsed["Date"].datetime.replace(tzinfo=UTC)
    assert abs(dated - timezone.now()).total_seconds() < 60
    assert LetterMessage(**COMMON).message().get_charset() is None


@pytest.mark.parametrize("name", ["subject", "from_email"])
def test_mail_with_a_line_break_in_a_header_is_refused(name):
    with pytest.raises(BadHeaderError):
        LetterMessage(**{**COMMON, name: "a@b.example\nBcc: eva@contoso.example"}).message()
