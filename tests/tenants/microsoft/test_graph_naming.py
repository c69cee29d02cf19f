"""Microsoft's support asks for the name of an answer; whatever goes wrong with one keeps it."""

import pytest

from tenants.microsoft.errors import MicrosoftError
from tests.tenants.microsoft.stage import A_TOKEN, as_json, inner, look, responses

pytestmark = pytest.mark.loopback

OUTER, INNER = "e5c52be1-0cf2-4a08-86bf-d52aa4d5fb4c", "1bb5bbb0-4c46-4c33-a1b9-3e4ad4ef6e69"
REFUSED = {"code": "ServiceUnavailable"}
NAMED = {"error": {**REFUSED, "innerError": {"request-id": INNER}}}


@pytest.mark.parametrize(
    ("status", "body", "named"),
    [
        (503, {"error": REFUSED}, OUTER),
        (503, NAMED, INNER),
        (403, {"error": "words"}, OUTER),
        (403, {"error": {**REFUSED, "innerError": "words"}}, OUTER),
        (200, [], OUTER),
        (200, {"responses": []}, OUTER),
        (200, {"responses": responses(grants="garbled")}, OUTER),
        (200, {"responses": responses(grants=inner("grants", {"error": REFUSED}, 503))}, OUTER),
        (200, {"responses": responses(grants=inner("grants", NAMED, 503))}, INNER),
        (
            200,
            {
                "responses": responses(
                    grants=inner("grants", {}, 503, headers={"Request-Id": INNER})
                )
            },
            INNER,
        ),
        (200, {"responses": responses(grants=inner("grants", {"value": 7}))}, OUTER),
        (
            200,
            {"responses": responses(service_principal=inner("service_principal", {}, 403))},
            OUTER,
        ),
        (200, {"responses": responses(grants=inner("grants", {}, 404))}, OUTER),
    ],
)
def test_look_that_fails_names_the_answer_as_microsofts_support_does(
    script, scripted_cloud, status, body, named
):
    script.say("$batch", as_json(body, status, request_id=OUTER))

    with pytest.raises(MicrosoftError) as caught:
        look(scripted_cloud, A_TOKEN)
    assert caught.value.correlation_id == named
