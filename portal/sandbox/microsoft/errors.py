"""Microsoft's way of saying no: an error word, a numbered description, and trace ids.

https://learn.microsoft.com/entra/identity-platform/reference-error-codes
"""

from datetime import UTC, datetime
from uuid import uuid4


class EntraError(Exception):
    """Something that Microsoft's login refuses.

    `code` is the number behind AADSTS, `error` the OAuth word, `status` the HTTP status at the
    token endpoint. The front channel shows the same as a page or sends it back in the query.
    """

    def __init__(
        self,
        code: int,
        error: str,
        text: str,
        *,
        status: int = 400,
        subcode: str | None = None,
        suberror: str | None = None,
    ) -> None:
        super().__init__(f"AADSTS{code}: {text}")
        self.code, self.error, self.text, self.status = code, error, text, status
        self.subcode, self.suberror = subcode, suberror
        self.trace_id, self.correlation_id = str(uuid4()), str(uuid4())
        self.timestamp = f"{datetime.now(UTC):%Y-%m-%d %H:%M:%SZ}"

    @property
    def description(self) -> str:
        """The text as it stands in `error_description`, with ids and time at its end."""
        return (
            f"AADSTS{self.code}: {self.text}\r\nTrace ID: {self.trace_id}\r\n"
            f"Correlation ID: {self.correlation_id}\r\nTimestamp: {self.timestamp}"
        )

    def body(self, here: str) -> dict[str, object]:
        """The JSON body at metadata and token endpoints; `here` is this server's own address."""
        answer: dict[str, object] = {
            "error": self.error,
            "error_description": self.description.replace("\r\n", " "),
            "error_codes": [self.code],
            "timestamp": self.timestamp,
            "trace_id": self.trace_id,
            "correlation_id": self.correlation_id,
            "error_uri": f"{here}/error?code={self.code}",
        }
        if self.suberror:
            answer["suberror"] = self.suberror
        return answer

    def query(self, here: str) -> dict[str, str]:
        """What goes back to the app in the query of a redirect, `state` excepted."""
        answer = {
            "error": self.error,
            "error_description": self.description,
            "error_uri": f"{here}/error?code={self.code}",
        }
        if self.subcode:
            answer["error_subcode"] = self.subcode
        return answer


class GraphError(Exception):
    """Something that Microsoft Graph refuses. https://learn.microsoft.com/graph/errors"""

    def __init__(self, status: int, code: str, message: str) -> None:
        super().__init__(f"{status} {code}: {message}")
        self.status, self.code, self.message = status, code, message

    def body(self) -> dict[str, object]:
        """The JSON body of the refusal."""
        request_id = str(uuid4())
        return {
            "error": {
                "code": self.code,
                "message": self.message,
                "innerError": {
                    "date": f"{datetime.now(UTC):%Y-%m-%dT%H:%M:%S}",
                    "request-id": request_id,
                    "client-request-id": request_id,
                },
            }
        }
