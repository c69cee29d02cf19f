"""The ways through, step by step; the same for everybody."""

import re

import pytest

from consent.diagnosis.menus import menus
from portal.public.roads import ROADS

SERVICE = "Microsoft Entra ID (formerly Azure Active Directory, Azure AD)"


@pytest.mark.parametrize("road", ROADS)
def test_road_says_what_to_do_and_when_its_menus_were_checked(client, road):
    page = client.get(f"/help/{road}/")

    markup = page.content.decode()
    assert (page.status_code, markup.count("<h1>"), SERVICE in markup) == (200, 1, True)
    assert "Menu names last checked on 25 November 2026" in markup
    assert f'<link rel="canonical" href="http://localhost:8000/help/{road}/">' in markup
    assert re.search(r'<meta name="description" content="[^"]{60,}">', markup)
    assert "noindex" not in markup


@pytest.mark.parametrize("road", ROADS)
def test_road_names_every_menu_that_it_dates(client, road):
    """A menu that stands on the page only in its dates belongs to another page."""
    markup = client.get(f"/help/{road}/").content.decode().partition("<details")[0]

    _file, named = ROADS[road]
    assert [name for name in named if f'href="{menus()[name].address}"' not in markup] == []


def test_index_leads_to_every_road_and_shows_the_faces(client):
    markup = client.get("/help/").content.decode()

    roads = set(re.findall(r'href="/help/([\w-]+)/', markup))
    faces = re.findall(r"faces/(\w+)\.svg", markup)
    assert (roads, SERVICE in markup) == (set(ROADS), True)
    assert faces == ["need_admin", "request_form", "accept_page", "risky", "error"]


def test_every_link_of_the_roads_leads_somewhere(client):
    pages = ["/help/", *(f"/help/{road}/" for road in ROADS)]
    links = {
        link.partition("#")[0]
        for page in pages
        for link in re.findall(r'href="(/(?!static)[^"]*)"', client.get(page).content.decode())
    }

    # The start page reads rows, and the sandbox is not ours to test here.
    visited = links - {"/", "/sandbox/"}
    assert {link: client.get(link).status_code for link in visited} == dict.fromkeys(visited, 200)


def test_anchors_of_the_index_are_there(client):
    markup = client.get("/help/administrator-approves/").content.decode()

    wanted = re.findall(
        r"/help/administrator-approves/#(\w+)", client.get("/help/").content.decode()
    )
    assert wanted == ["form", "risky"]
    assert [anchor for anchor in wanted if f'<section id="{anchor}">' not in markup] == []


@pytest.mark.parametrize("road", ["nowhere", "_road", "index", "approve_yourself"])
def test_road_that_does_not_exist(client, road):
    assert client.get(f"/help/{road}/").status_code == 404


@pytest.mark.django_db
def test_roads_read_no_row(client, django_assert_num_queries):
    with django_assert_num_queries(0):
        for page in ("/help/", *(f"/help/{road}/" for road in ROADS)):
            client.get(page)


def test_start_shows_the_faces_beside_the_choices(client, calendar):
    markup = client.get("/").content.decode()

    choices = re.findall(
        r'value="(\w+)"[^>]*><span class="choice-words">.*faces/(\w+)\.svg', markup
    )
    assert choices == [
        (seen, seen) for seen in ("need_admin", "request_form", "accept_page", "risky", "error")
    ]


@pytest.mark.parametrize(
    ("seen", "pasted", "roads"),
    [
        ("accept_page", "", ["approve-yourself"]),
        (
            "need_admin",
            "",
            ["who-is-administrator", "am-i-administrator", "administrator-approves"],
        ),
        ("error", "AADSTS50105", []),
    ],
)
def test_diagnosis_leads_to_the_roads_that_help(client, calendar, contoso, seen, pasted, roads):
    page = client.post(
        "/start/",
        {"email": "ana@contoso.example", "seen": seen, "pasted": pasted, "app": "acme-calendar"},
    )

    assert re.findall(r'href="/help/([\w-]+)/"', page.content.decode()) == roads
