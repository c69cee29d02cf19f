"""What our pages may load and where their forms may go, for the Content-Security-Policy header."""

from typing import Final

from csp.constants import NONE, SELF

CONTENT_POLICY: Final = {
    "default-src": [NONE],
    "base-uri": [NONE],
    "connect-src": [SELF],
    "font-src": [SELF],
    "form-action": [SELF],
    "frame-ancestors": [NONE],
    "img-src": [SELF, "data:"],
    "script-src": [SELF],
    "style-src": [SELF],
}
