"""A person's browser at real servers."""

from urllib.parse import urlsplit

import requests

from tests.faults.house import House
from tests.journeys import people

WITHIN_S = 30


class Browser(people.Browser):
    """The browser of the journeys, over HTTP to the portal as well."""

    def __init__(self, house: House) -> None:
        self.session = requests.Session()
        self.session.trust_env = False
        self._origins = {house.url, house.microsoft.url}

    def _call(self, method: str, url: str, fields: dict[str, str] | None = None) -> people.Page:
        origin = "{0.scheme}://{0.netloc}".format(urlsplit(url))
        assert origin in self._origins, f"sent to a stranger: {url}"
        answer = self.session.request(
            method,
            url,
            data=fields,
            allow_redirects=False,
            headers={"Origin": origin, "Referer": url} if method == "POST" else {},
            timeout=WITHIN_S,
        )
        return people.Page(url, answer.status_code, answer.text, dict(answer.headers))
