import re

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from tenants.addresses import BadAddress, is_personal, mailbox_of, normal_address, normal_domain
from tests.factories import guid

HOST = re.compile(
    r"(?:[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?"
)
#: Characters that have met parsers before, beside all others.
PIECES = st.text(st.sampled_from("ab1-_.@ \t\n\0:/[]。．｡ßİ４Ü") | st.characters())
LONG_DOMAIN = ".".join(["a" * 60] * 4)


@pytest.mark.parametrize(
    ("typed", "normal"),
    [
        ("contoso.example", "contoso.example"),
        (" Contoso.Example. ", "contoso.example"),
        ("Bücher.example", "xn--bcher-kva.example"),
        ("xn--bcher-kva.example", "xn--bcher-kva.example"),
        ("contoso。example", "contoso.example"),
        ("contoso.example。", "contoso.example"),
        ("mail.eu.contoso.example", "mail.eu.contoso.example"),
    ],
)
def test_domain_is_brought_into_one_form(typed, normal):
    assert normal_domain(typed) == normal


@pytest.mark.parametrize(
    "typed",
    [
        "",
        ".",
        "localhost",
        "common",
        "organizations",
        "consumers",
        guid("contoso"),
        f"{guid('contoso')}.example",
        f"x.{guid('contoso').upper()}",
        "x.４46b460f-e49d-4af2-aaaa-0b1a106594d2",
        "192.0.2.1",
        "１92.0.2.1",
        "a..example",
        "a b.example",
        "a_b.example",
        "-a.example",
        "[::1].example",
        "a/../b.example",
        "a:80.example",
        f"{'a' * 64}.example",
        f"{LONG_DOMAIN}.example.example",
        "a\0.example",
        "\ud800.example",
    ],
)
def test_domain_that_is_none_is_refused(typed):
    with pytest.raises(BadAddress):
        normal_domain(typed)


@given(PIECES)
@example("a.b。")
@example("ẞ.example")
def test_domain_is_a_host_name_with_a_dot_or_refused(typed):
    try:
        name = normal_domain(typed)
    except BadAddress:
        return

    assert HOST.fullmatch(name)
    assert len(name) <= 253
    assert normal_domain(name) == name


@pytest.mark.parametrize(
    ("typed", "normal"),
    [
        ("ana@contoso.example", "ana@contoso.example"),
        ("  Ana.Almeida+news@Contoso.Example ", "ana.almeida+news@contoso.example"),
        ("ana@bücher.example", "ana@xn--bcher-kva.example"),
        ("o'neil@contoso.example", "o'neil@contoso.example"),
    ],
)
def test_address_is_brought_into_one_form(typed, normal):
    assert normal_address(typed) == normal


@pytest.mark.parametrize(
    "typed",
    [
        "",
        "ana",
        "@contoso.example",
        "ana@",
        "ana@localhost",
        "not an address",
        "ana@b@contoso.example",
        "ana@contoso.example\nBcc: eva@contoso.example",
        "ana\r\n@contoso.example",
        "ana\0@contoso.example",
        "ana\x7f@contoso.example",
        "Ana <ana@contoso.example>",
        "ana@contoso.example, eva@contoso.example",
        "ana@192.0.2.1",
        "ana@[192.0.2.1]",
        "аna@contoso.example",
        f"{'a' * 65}@{LONG_DOMAIN}",
    ],
)
def test_address_that_is_none_is_refused(typed):
    with pytest.raises(BadAddress):
        normal_address(typed)


@given(st.builds("{}@{}".format, PIECES, PIECES) | st.emails() | PIECES)
@example("a" * 64 + "@" + LONG_DOMAIN)
def test_address_fits_a_header_and_our_tables_or_is_refused(typed):
    try:
        address = normal_address(typed)
    except BadAddress:
        return

    assert len(address) <= 254
    assert re.fullmatch(r"[\x21-\x7e]+@[a-z0-9.-]+", address)
    assert address == address.lower() == normal_address(address)


@pytest.mark.parametrize(
    "domain", ["gmail.com", "outlook.com", "outlook.de", "hotmail.co.uk", "live.nl"]
)
def test_provider_for_private_persons_is_personal(domain):
    assert is_personal(domain) is True


@pytest.mark.parametrize("domain", ["contoso.example", "gmail-like.example", "outlookers.example"])
def test_domain_of_a_company_is_not_personal(domain):
    assert is_personal(domain) is False


@pytest.mark.parametrize(
    ("address", "mailbox"),
    [
        ("ana@contoso.example", "ana@contoso.example"),
        ("ana+news@contoso.example", "ana@contoso.example"),
        ("ana+a+b@contoso.example", "ana@contoso.example"),
        ("a.na@contoso.example", "a.na@contoso.example"),
        ("a.n.a+x@gmail.com", "ana@gmail.com"),
        ("a.na@googlemail.com", "ana@gmail.com"),
        ("+x@contoso.example", "+x@contoso.example"),
        ("...@gmail.com", "...@gmail.com"),
    ],
)
def test_mailbox_is_the_address_without_what_its_owner_may_add(address, mailbox):
    assert mailbox_of(address) == mailbox
