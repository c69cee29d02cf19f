"""A screenshot on the way to the agents: taken, refused in words, never in the way of an ask."""

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.http import HttpResponse
from django.test import Client, RequestFactory

from consent import attachments
from consent.models import Attachment, Ticket
from consent.pictures import MOST_BYTES
from portal.middleware import RefuseTooMuch
from tests.factories import AttachmentFactory, TicketFactory
from tests.pictures import jpeg, png

NO_PICTURE = "We cannot read this as a picture. Use a screenshot as PNG, JPEG or WebP."
TOO_LARGE = "This picture is too large. Use one of at most 5 MB."
ASK = {
    "email": "ben@contoso.example",
    "app": "acme-calendar",
    "name": "Ben",
    "note": "for our meetings",
    "pasted": "AADSTS90094",
}


def file(content, name="shot.png", kind="image/png"):
    """What a browser sends."""
    return SimpleUploadedFile(name, content, content_type=kind)


def kept():
    """The pictures that were kept, by their ticket."""
    rows = Attachment.objects.order_by("pk").values_list("ticket", "kind", "content")
    return [(ticket, kind, bytes(content)) for ticket, kind, content in rows]


def test_ask_with_a_screenshot_keeps_it_with_the_ticket(client, calendar):
    answer = client.post("/ask/", {**ASK, "screenshot": file(png())})

    assert (answer.status_code, answer.url) == (303, "/ask/sent/")
    assert kept() == [(Ticket.objects.get().pk, "image/png", png())]


@pytest.mark.parametrize("form", [{}, {"screenshot": ""}])
def test_ask_without_one_is_as_good(client, calendar, form):
    assert client.post("/ask/", {**ASK, **form}).status_code == 303
    assert (Ticket.objects.count(), kept()) == (1, [])


def test_ask_as_a_plain_form_is_as_good(client, calendar):
    plain = "&".join(f"{name}={value}" for name, value in ASK.items())
    kind = "application/x-www-form-urlencoded"

    assert client.post("/ask/", plain, content_type=kind).status_code == 303
    assert Ticket.objects.get().note == "for our meetings"


def test_ask_believes_the_bytes_and_no_name(client, calendar):
    client.post("/ask/", {**ASK, "screenshot": file(jpeg(), "x" * 300 + ".html", "text/html")})

    assert [kind for _ticket, kind, _content in kept()] == ["image/jpeg"]


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        (b"<script>alert(1)</script>", NO_PICTURE),
        (b"", NO_PICTURE),
        (png(fill=bytes(MOST_BYTES)), TOO_LARGE),
    ],
)
def test_ask_with_a_bad_file_gets_a_sentence_and_loses_nothing(client, calendar, content, sentence):
    answer = client.post("/ask/", {**ASK, "screenshot": file(content)})

    text = answer.content.decode()
    assert (answer.status_code, sentence in text) == (422, True)
    assert 'value="Ben"' in text
    assert "for our meetings" in text
    assert (Ticket.objects.count(), kept()) == (0, [])


def test_ask_sent_twice_keeps_the_screenshot_of_the_second(client, calendar):
    client.post("/ask/", ASK)
    for content in (png(), png(width=1)):
        client.post("/ask/", {**ASK, "screenshot": file(content)})
    client.post("/ask/", ASK)

    assert (Ticket.objects.count(), [row[2] for row in kept()]) == (1, [png()])


def ask_from(network, number, content=None):
    """The ask of a stranger in a browser of its own; where it leads and whether the page tells."""
    browser = Client(REMOTE_ADDR=network)
    form = {**ASK, "email": f"p{number}@company-{number}.example"}
    answer = browser.post("/ask/", {**form, "screenshot": file(content or png())})
    told = "Your picture was left out." in browser.get(answer.url).content.decode()
    return answer.status_code, answer.url, told


def test_pictures_of_one_network_beyond_a_days_share_are_left_out_in_words(calendar, settings):
    settings.PICTURES_PER_NETWORK_A_DAY = 2

    told = [ask_from("198.51.100.7", number) for number in range(3)]
    elsewhere = ask_from("203.0.113.9", 4)

    taken, left_out = (303, "/ask/sent/", False), (303, "/ask/sent/?without_picture", True)
    assert [*told, elsewhere] == [taken, taken, left_out, taken]
    assert (Ticket.objects.count(), len(kept())) == (4, 3)


def test_pictures_of_strangers_have_an_end_for_all_and_those_of_the_confirmed_do_not_count(
    calendar, monkeypatch
):
    monkeypatch.setattr(attachments, "MOST_OF_STRANGERS", 2 * len(png()))
    confirmed = TicketFactory(app=calendar)
    AttachmentFactory.create_batch(3, ticket=confirmed)

    told = [ask_from(f"198.51.100.{number}", number)[1:] for number in range(3)]

    assert told == [("/ask/sent/", False)] * 2 + [("/ask/sent/?without_picture", True)]
    assert Attachment.objects.exclude(ticket=confirmed).count() == 2


def test_ask_sent_twice_counts_its_picture_once(client, calendar, settings):
    settings.PICTURES_PER_NETWORK_A_DAY = 1

    urls = [client.post("/ask/", {**ASK, "screenshot": file(png())}).url for _twice in range(2)]

    assert (urls, len(kept())) == (["/ask/sent/"] * 2, 1)


def test_screenshot_on_the_status_page_is_for_us(client, ticket, path):
    answer = client.post(path(ticket, "screenshot/"), {"screenshot": file(png())})

    assert (answer.status_code, answer.url) == (303, path(ticket) + "?said=pictured")
    assert kept() == [(ticket.pk, "image/png", png())]
    text = client.get(answer.url).content.decode()
    assert "Your picture is with us." in text
    assert "We have 1 already." in text


@pytest.mark.parametrize(
    ("form", "sentence"),
    [
        ({}, "Choose a picture first."),
        ({"screenshot": "text"}, "Choose a picture first."),
        ({"screenshot": file(b"GIF89a")}, NO_PICTURE),
    ],
)
def test_screenshot_that_is_none_gets_a_sentence(client, ticket, path, form, sentence):
    answer = client.post(path(ticket, "screenshot/"), form)

    assert (answer.status_code, sentence in answer.content.decode()) == (422, True)
    assert kept() == []


def test_sixth_screenshot_gets_a_sentence(client, ticket, path):
    AttachmentFactory.create_batch(5, ticket=ticket)

    answer = client.post(path(ticket, "screenshot/"), {"screenshot": file(png())})

    assert answer.status_code == 422
    assert "This ticket has five screenshots already" in answer.content.decode()


def test_screenshot_before_the_address_is_confirmed_is_not_taken(client, unconfirmed, path):
    answer = client.post(path(unconfirmed, "screenshot/"), {"screenshot": file(png())})

    assert (answer.status_code, answer.url, kept()) == (303, path(unconfirmed), [])


@pytest.mark.parametrize("method", ["get", "head"])
def test_screenshot_is_only_posted(client, ticket, path, method):
    assert getattr(client, method)(path(ticket, "screenshot/")).status_code == 405


@pytest.mark.parametrize(
    ("page", "kind", "megabytes", "status"),
    [
        ("/ask/", "multipart/form-data; boundary=x", 29, 200),
        ("/t/token/screenshot/", "multipart/form-data; boundary=x", 29, 200),
        ("/ask/", "multipart/form-data; boundary=x", 31, 413),
        ("/ask/", "application/x-www-form-urlencoded", 3, 413),
        ("/start/", "multipart/form-data; boundary=x", 3, 413),
        ("/t/token/screenshot/more/", "multipart/form-data; boundary=x", 3, 413),
    ],
)
def test_only_forms_with_a_picture_may_be_large(page, kind, megabytes, status):
    request = RequestFactory().post(page, b"x", content_type=kind)
    request.META["CONTENT_LENGTH"] = str(megabytes * 1024 * 1024)

    assert RefuseTooMuch(lambda _request: HttpResponse())(request).status_code == status
