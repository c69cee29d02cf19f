"""A demo whose Microsoft is another site than the portal, and what stands behind its pages.

At `localhost` both would be one site, and a browser would send every cookie everywhere. Run as a
program (folder, port, Microsoft's port) it is that demo.
"""

import json
import sqlite3
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from portal.sandbox.supervisor.plan import ROOT, Plan, free_port
from portal.sandbox.supervisor.supervisor import Supervisor
from tests.demo import started

MAIL_WITHIN_S = 60.0
ERROR_PAGES = ["400", "403", "403_csrf", "404", "413", "429", "500"]
Mail = dict[str, Any]


class ApartPlan(Plan):
    """The portal at `localhost`, Microsoft at `127.0.0.1`."""

    @property
    def microsoft_url(self) -> str:
        """Where the simulated Microsoft answers."""
        return f"http://127.0.0.1:{self.microsoft_port}"


@dataclass(frozen=True)
class Stage:
    """A running demo, seen from behind: its mailbox, its Microsoft's levers, its database."""

    plan: Plan

    @property
    def portal(self) -> str:
        """The portal's address, without a slash at the end."""
        return self.plan.portal_url

    @property
    def microsoft(self) -> str:
        """The simulated Microsoft's, likewise."""
        return self.plan.microsoft_url

    def reset(self) -> None:
        """Everything back to the seed."""
        self._call(f"{self.portal}/sandbox/reset/", "POST")

    def control(self, patch: dict[str, object]) -> None:
        """Pull the simulated Microsoft's levers; the contract says what a patch may hold."""
        self._call(f"{self.microsoft}/_control/state", "PATCH", patch)

    def mails(self) -> list[Mail]:
        """Every mail so far, newest first."""
        found: list[Mail] = json.loads(self._call(f"{self.portal}/sandbox/mailbox.json"))
        return found

    def mail(self, kind: str, to: str) -> Mail:
        """The newest mail of that kind to that address, waited for."""
        return self.awaited(
            lambda: next(
                (mail for mail in self.mails() if (mail["kind"], mail["to"]) == (kind, to)), None
            ),
            f"a mail {kind} to {to}",
        )

    def link(self, kind: str, to: str, part: str) -> str:
        """The link with that part in its address, from that mail."""
        return next(link for link in self.mail(kind, to)["links"] if part in link)

    def awaited(self, find: Callable[[], Any], what: str) -> Any:
        """What `find` finds, as soon as it does; fails after a while, saying what was wanted."""
        deadline = time.monotonic() + MAIL_WITHIN_S
        while not (found := find()):
            assert time.monotonic() < deadline, f"not within {MAIL_WITHIN_S} s: {what}"
            time.sleep(0.2)
        return found

    def looked_at(self, domain: str) -> None:
        """Waits for the first look at that organisation: only what appears after it is news."""
        looks = (
            "select count(*) from consent_check join consent_watch on watch_id = consent_watch.id"
            " join tenants_tenantdomain using (tenant_id) where name = ?"
        )

        def count() -> int:
            with closing(sqlite3.connect(self.plan.folder / "demo.sqlite3", timeout=20)) as rows:
                found: int = rows.execute(looks, [domain]).fetchone()[0]
                return found

        self.awaited(count, f"a look at {domain}")

    def let_expire(self, domain: str) -> None:
        """The 30 days of that organisation's requests are over."""
        with closing(sqlite3.connect(self.plan.folder / "demo.sqlite3", timeout=20)) as database:
            database.execute(
                "update consent_consentrequest set expires_at = '2020-01-01 00:00:00' where"
                " tenant_id in (select tenant_id from tenants_tenantdomain where name = ?)",
                [domain],
            )
            database.commit()

    def error_pages(self) -> dict[str, str]:
        """The pages that no address leads to while all goes well, by their template's name."""
        script = (
            "import django, json; django.setup();"
            "from django.conf import settings; from django.test import RequestFactory;"
            "from django.template.loader import render_to_string as render;"
            "request = RequestFactory(SERVER_NAME='localhost').get('/');"
            "print(json.dumps({f'error-{name}': render(f'{name}.html', request=request)"
            f" for name in {ERROR_PAGES!r}}}))"
        )
        done = subprocess.run(
            [sys.executable, "-W", "ignore", "-c", script],
            cwd=ROOT,
            env={**self.plan.environment(""), "DJANGO_SETTINGS_MODULE": "portal.settings"},
            check=True,
            capture_output=True,
            timeout=60,
        )
        found: dict[str, str] = json.loads(done.stdout)
        return found

    def _call(self, address: str, method: str = "GET", patch: object = None) -> str:
        body = json.dumps(patch).encode() if patch else None
        headers = {"Content-Type": "application/json"}
        call = urllib.request.Request(address, data=body, headers=headers, method=method)
        opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
        with opener.open(call, timeout=30) as answer:
            return str(answer.read().decode())


@contextmanager
def open_stage(folder: Path) -> Iterator[Stage]:
    """A stage in that folder, on free ports, until the end."""
    plan = ApartPlan(folder.resolve(), free_port(), free_port())
    program = ["-m", "tests.browser.stage", str(plan.folder), str(plan.port)]
    with started(plan, *program, str(plan.microsoft_port)):
        yield Stage(plan)


if __name__ == "__main__":
    Supervisor(ApartPlan(Path(sys.argv[1]), int(sys.argv[2]), int(sys.argv[3]))).run()
