"""A page for every code, a search over all of them; nothing on them comes from a row."""

import re
from html import unescape

import pytest

from consent.diagnosis import all_entries, entry
from tests.factories import ConsentRequestFactory, TenantDomainFactory, TicketFactory

CODES = [row.code for row in all_entries()]


def text_of(response):
    """What a person reads, on one line."""
    return " ".join(unescape(re.sub(r"<[^>]*>", " ", response.content.decode())).split())


def found(client, asked):
    """The codes that a search finds, in order."""
    return [row.code for row in client.get("/errors/", {"q": asked}).context["found"]]


@pytest.mark.parametrize("code", CODES)
def test_every_code_has_a_page_for_its_four_readers(client, code):
    page = client.get(f"/errors/{code}/")

    readers = ["requester", "administrator", "developer", "agent"]
    sections = re.findall(r'<section id="(\w+)">\s*<h2>[^<]+</h2>\s*<p>(.)', page.content.decode())
    assert (page.status_code, [name for name, _first in sections]) == (200, readers)
    assert f'<a class="button button-large" href="/?error_code={code}">' in page.content.decode()
    assert "`" not in text_of(page)


def test_page_of_a_code_in_full(client):
    page = client.get("/errors/AADSTS90094/")

    text, markup = text_of(page), page.content.decode()
    assert "<title>AADSTS90094: what it means and who can end it</title>" in markup
    assert '<link rel="canonical" href="http://localhost:8000/errors/AADSTS90094/">' in markup
    assert "noindex" not in markup
    assert "Who must act An administrator of the organisation" in text
    assert "Does an approval help? Yes." in text
    assert "Microsoft Entra ID (formerly Azure Active Directory, Azure AD)" in text
    assert 'href="https://login.microsoftonline.com/error?code=90094"' in markup
    assert [row.code for row in page.context["related"]] == [
        "AADSTS90093",
        "AADSTS90095",
        "AADSTS90099",
        "AADSTS65001",
        "AADSTS650056",
    ]


@pytest.mark.parametrize("written", ["90094", "aadsts90094", "AadSts90094", "AADSTS 90094"])
def test_page_of_a_code_has_one_address(client, written):
    answer = client.get(f"/errors/{written}/")

    assert (answer.status_code, answer.url) == (301, "/errors/AADSTS90094/")


def test_unknown_code_is_said_to_be_unknown(client):
    page = client.get("/errors/aadsts999999/")

    markup = page.content.decode()
    assert (page.status_code, "We do not know AADSTS999999" in text_of(page)) == (404, True)
    assert 'href="/?error_code=AADSTS999999"' in markup
    assert 'href="mailto:support@acme.example?subject=AADSTS999999"' in markup
    assert '<meta name="robots" content="noindex">' in markup


@pytest.mark.parametrize(
    "written", ["AADSTS", "nonsense", "123", "123456789", "AADSTS90094x", "٩٠٠٩٤", "<b>", "90094\0"]
)
def test_what_is_no_code_is_nowhere(client, written):
    assert client.get(f"/errors/{written}/").status_code == 404


def test_list_has_every_code_once_under_its_cause(client):
    page = client.get("/errors/")

    listed = [row for _cause, rows in page.context["kinds"] for row in rows]
    assert sorted(row.code for row in listed) == sorted(CODES)
    assert [{row.cause for row in rows} for _cause, rows in page.context["kinds"]] == [
        {cause} for cause, _rows in page.context["kinds"]
    ]
    assert "noindex" not in page.content.decode()
    assert '<link rel="canonical" href="http://localhost:8000/errors/">' in page.content.decode()


@pytest.mark.parametrize(
    ("asked", "first"),
    [
        ("90094", "AADSTS90094"),
        ("AADSTS90094", "AADSTS90094"),
        ("aadsts 90094:", "AADSTS90094"),
        ("error 7000222", "AADSTS7000222"),
        ("need admin approval", "AADSTS90094"),
        ("EntitlementGrantsNotFound", "AADSTS50105"),
        ("user not assigned", "AADSTS50105"),
        ("secret expired", "AADSTS7000222"),
    ],
)
def test_search_finds_by_number_name_and_words(client, asked, first):
    assert found(client, asked)[0] == first


@pytest.mark.parametrize("service", ["Microsoft Entra ID", "Entra", "Azure AD", "AzureAD", "AAD"])
def test_search_finds_the_service_under_each_of_its_names(client, service):
    assert found(client, service) == CODES
    assert found(client, f"{service} guest") == found(client, "guest") != []


def test_search_finds_azure_active_directory_written_out(client):
    assert found(client, "azure active directory") == CODES


@pytest.mark.parametrize("asked", ["zzz", "AADSTS999999", "xyzzy plugh", "the of"])
def test_search_without_a_hit_leads_to_the_start(client, asked):
    page = client.get("/errors/", {"q": asked})

    assert (page.status_code, page.context["found"]) == (200, ())
    assert '<a class="button" href="/">Paste what you saw</a>' in page.content.decode()
    assert '<meta name="robots" content="noindex">' in page.content.decode()


def test_search_shows_what_was_typed_as_text(client):
    page = client.get("/errors/", {"q": "<script>alert(1)</script>\0" + "x" * 500})

    assert "<script>alert" not in page.content.decode()
    assert len(page.context["asked"]) == 100


@pytest.mark.django_db
def test_pages_read_no_row_and_know_no_customer(client, django_assert_num_queries):
    addresses = ["/errors/", "/errors/?q=approval", "/errors/AADSTS90094/", "/errors/999999/"]
    before = [client.get(address).content for address in addresses]
    request = ConsentRequestFactory(asked=True)
    TenantDomainFactory(tenant=request.tenant, name="contoso.example")
    TicketFactory(request=request)

    with django_assert_num_queries(0):
        after = [client.get(address).content for address in addresses]

    assert after == before


def test_diagnosis_links_its_codes(client, calendar, contoso):
    page = client.post(
        "/start/",
        {"email": "ana@contoso.example", "pasted": "AADSTS90094", "app": "acme-calendar"},
    )

    assert '<a href="/errors/AADSTS90094/"><code>AADSTS90094</code></a>' in page.content.decode()


def test_start_with_a_code_is_prefilled(client, calendar):
    page = client.get("/?error_code=AADSTS90094")

    assert page.context["form"]["pasted"].value() == entry("90094").code
