"""Clouds are data, and the sandbox shuts the real ones out."""

import pytest

from tenants.microsoft import clouds
from tenants.microsoft.clouds import EXCHANGE_ONLINE, GRAPH


def test_served_in_the_sandbox_is_the_sandbox_alone():
    assert [one.name for one in clouds.served()] == ["sandbox"]


@pytest.mark.parametrize(("sandbox", "debug"), [(False, True), (True, False), (False, False)])
def test_served_without_sandbox_or_debug_are_the_real_ones(settings, sandbox, debug):
    settings.SANDBOX, settings.DEBUG = sandbox, debug

    assert [one.name for one in clouds.served()] == ["global", "us_l4", "us_l5", "china"]
    assert clouds.known() == clouds.served()
    with pytest.raises(clouds.UnknownCloud):
        clouds.cloud("sandbox")


def test_cloud_in_the_sandbox_also_names_the_real_ones():
    names = ["sandbox", "global", "us_l4", "us_l5", "china"]

    assert [clouds.cloud(name).name for name in names] == names


def test_cloud_of_an_unknown_name_is_a_key_error_of_our_own():
    with pytest.raises(KeyError, match="mars"):
        clouds.cloud("mars")


def test_every_cloud_has_its_own_hosts():
    assert {
        one.name: (one.login_origin, one.graph_origin, one.admin_portal) for one in clouds.known()
    } == {
        "sandbox": ("http://localhost:8100", "http://localhost:8100", "http://localhost:8100"),
        "global": (
            "https://login.microsoftonline.com",
            "https://graph.microsoft.com",
            "https://entra.microsoft.com",
        ),
        "us_l4": (
            "https://login.microsoftonline.us",
            "https://graph.microsoft.us",
            "https://entra.microsoft.us",
        ),
        "us_l5": (
            "https://login.microsoftonline.us",
            "https://dod-graph.microsoft.us",
            "https://entra.microsoft.us",
        ),
        "china": (
            "https://login.partner.microsoftonline.cn",
            "https://microsoftgraph.chinacloudapi.cn",
            "https://portal.azure.cn",
        ),
    }


def test_authority_origin_is_always_https():
    assert [one.authority_origin.partition(":")[0] for one in clouds.known()] == ["https"] * 5


def test_issuer_names_tenant_and_cloud():
    issuer = clouds.cloud("us_l4").issuer("5e1888d1-ef88-4d42-a4de-e6b2c526e335")

    assert issuer == "https://login.microsoftonline.us/5e1888d1-ef88-4d42-a4de-e6b2c526e335/v2.0"


def test_resource_address_of_known_and_unknown_apis():
    china = clouds.cloud("china")

    assert [china.resource_address(one) for one in (GRAPH, EXCHANGE_ONLINE, "some-api")] == [
        "https://microsoftgraph.chinacloudapi.cn",
        "https://partner.outlook.cn",
        "some-api",
    ]
