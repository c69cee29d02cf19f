"""Menu names of Microsoft's admin centres, as dated data."""

from datetime import date

from consent.diagnosis.menus import Menu, menus


def test_menu_in_full():
    assert menus()["request_settings"] == Menu(
        path=("Entra ID", "Enterprise apps", "Consent and permissions", "Admin consent settings"),
        formerly=("Enterprise applications", "User settings"),
        address="https://entra.microsoft.com/#view/Microsoft_AAD_IAM/ConsentPoliciesMenuBlade/~/AdminConsentSettings",
        checked_on=date(2026, 11, 25),
        source="https://learn.microsoft.com/entra/identity/enterprise-apps/configure-admin-consent-workflow",
    )


def test_menus_lead_to_microsoft_and_say_when_they_were_checked():
    wrong = [
        name
        for name, menu in menus().items()
        if ".microsoft.com/" not in menu.address.replace("portal.office.com", "x.microsoft.com")
        or not menu.source.startswith("https://learn.microsoft.com/")
        or not menu.path
        or not isinstance(menu.checked_on, date)
    ]

    assert wrong == []
