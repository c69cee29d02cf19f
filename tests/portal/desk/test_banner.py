"""Alarms stand at the head of every page of the desk, and nowhere else."""

import re

from tests.factories import AlarmFactory, AppRegistrationFactory


def raised(page):
    return re.findall(r'data-alarm="(\w+)".*?<p>(.*?)\s*<a', page.content.decode(), re.S)


def test_desk_without_an_alarm_has_no_banner(desk):
    assert raised(desk.get("/desk/")) == []


def test_desk_shows_every_alarm_that_stands(desk):
    app = AppRegistrationFactory(name="Acme Calendar")
    AlarmFactory(kind="mail", app=None)
    AlarmFactory(kind="expiry", app=app, detail="7")
    AlarmFactory(kind="drift", app=app, detail="extra", until="2100-01-01T00:00Z")

    told = [raised(desk.get(page)) for page in ("/desk/", "/desk/apps/")]

    assert (
        told
        == [
            [
                ("mail", "Mails wait, and none has left for a quarter of an hour."),
                ("expiry", "The credential of Acme Calendar ends within 7 days."),
            ]
        ]
        * 2
    )


def test_worker_page_says_what_to_do_instead(desk):
    AlarmFactory(kind="worker", app=None, detail="checks")
    AlarmFactory(kind="expiry", app=AppRegistrationFactory(), detail="0")
    AlarmFactory(kind="expiry", app=AppRegistrationFactory(), detail="14")

    markup = desk.get("/desk/worker/").content.decode()

    assert re.findall(r'"notice is-(\w+)" data-alarm="(\w+)"', markup) == [
        ("bad", "worker"),
        ("bad", "expiry"),
        ("warn", "expiry"),
    ]
    assert ("What to do</a>" in markup, "<code>checks</code>" in markup) == (False, True)


def test_nobody_else_sees_them(client, db):
    AlarmFactory(kind="mail", app=None)

    assert [raised(client.get(page)) for page in ("/", "/accounts/login/")] == [[], []]
