"""One world for a journey: the portal, the worker, the mailbox and the simulated Microsoft."""

from datetime import UTC, datetime, timedelta

import pytest
import time_machine
from django.test import Client

from portal.sandbox import fresh
from tests.journeys.people import MARKUP, Administrator, Requester, link_in


class World:
    """What a journey can see and do from outside."""

    def __init__(self, microsoft, run_tasks):
        self.microsoft, self.run = microsoft, run_tasks
        self._clock = None

    def mails(self, to, kind=None):
        """The mails to that address, oldest first."""
        client = Client(headers={"host": "localhost:8000"})
        mails = client.get("/sandbox/mailbox.json", {"to": to}).json()[::-1]
        assert not any(MARKUP in mail["html"] for mail in mails)
        return [mail for mail in mails if kind in (None, mail["kind"])]

    def kinds(self, to):
        """What that person was written, oldest first."""
        return [mail["kind"] for mail in self.mails(to)]

    def asker(self, address, admin="", app="acme-calendar"):
        """Somebody who has asked and confirmed."""
        person = Requester(self, address)
        person.ask(admin, app)
        page = person.confirm()
        assert page.status == 200
        return person

    def mailed_administrator(self, address):
        """The administrator with the link of the newest mail."""
        return Administrator(
            self, address, link_in(self.mails(address, "approval_request")[-1], "/a/")
        )

    def look(self):
        """The worker's clock strikes: due looks, due dates and mails."""
        self.run("consent.look_at_due")
        self.run("consent.sweep")
        self.run("outbox.sweep")

    def later(self, **span):
        """The world that much later, after the worker has looked."""
        self.wait(**span)
        self.look()

    def wait(self, **span):
        """The world that much later, with the worker asleep. Microsoft's clock goes along."""
        then = datetime.now(UTC) + timedelta(**span)
        self.stop_clock()
        self._clock = time_machine.travel(then, tick=True)
        self._clock.start()

    def stop_clock(self):
        """Back to the present."""
        if self._clock:
            self._clock.stop()
            self._clock = None

    def grants(self, domain, app="acme-calendar", **more):
        """Approved in Microsoft's own portal."""
        grant = {"tenant": domain, "app": app, "by": f"admin@{domain}", **more}
        self.microsoft.control({"grants": [grant]})

    def visible(self, domain, app="acme-calendar"):
        """What was approved there becomes visible now, however long its delay was."""
        self.switches(domain, replication_delay_s=0)
        self.grants(domain, app)

    def switches(self, domain, **switches):
        """Turn switches of that tenant."""
        self.microsoft.control({"tenants": {domain: switches}})


@pytest.fixture
def world(microsoft, run_tasks, settings):
    """The demo's apps and agents, nobody has asked yet."""
    # Django's test set-up puts a backend of its own here.
    settings.EMAIL_BACKEND = "portal.sandbox.mailbox.MailboxBackend"
    fresh.plant()
    made = World(microsoft, run_tasks)
    yield made
    made.stop_clock()
