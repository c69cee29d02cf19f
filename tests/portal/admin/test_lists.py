"""Every list of the back office: it is there, it searches, and three rows cost as much as one."""

import pytest
from django.apps import apps
from django.contrib import admin
from django.db import connection
from django.test.utils import CaptureQueriesContext

from consent import models, tokens
from tenants.models import Tenant, User
from tests import factories

MODELS = [
    model for label in ("consent", "tenants") for model in apps.get_app_config(label).get_models()
]
FACTORIES = {
    one._meta.model: one
    for one in vars(factories).values()
    if isinstance(one, type) and getattr(getattr(one, "_meta", None), "model", None)
}
FOR_AGENTS = [model for model in MODELS if model not in {models.RequiredPermission, User}]


def address(model, rest=""):
    return f"/admin/{model._meta.app_label}/{model._meta.model_name}/{rest}"


def make(model):
    """One more row; where it hangs on a tenant, one with a domain."""
    full = {"request": factories.ConsentRequestFactory()} if model is models.Ticket else {}
    row = FACTORIES[model](**full)
    for tenant in Tenant.objects.filter(domains=None):
        factories.TenantDomainFactory(tenant=tenant)
    return row


def test_every_model_is_in_the_back_office():
    # Permissions stand below their app.
    assert set(MODELS) - set(admin.site._registry) == {models.RequiredPermission}


@pytest.mark.parametrize("model", [one for one in MODELS if one in admin.site._registry])
def test_every_list_can_be_searched_filtered_and_read(model):
    page = admin.site._registry[model]

    assert page.search_fields
    assert page.list_display != ("__str__",)
    assert page.list_filter or model is models.Pulse or model is models.Watch


@pytest.mark.parametrize("model", FOR_AGENTS, ids=lambda model: model._meta.label)
def test_list_with_three_rows_asks_no_more_than_with_one(desk, model):
    make(model)
    desk.get(address(model))
    with CaptureQueriesContext(connection) as one:
        first = desk.get(address(model))
    for _number in range(2):
        make(model)

    with CaptureQueriesContext(connection) as three:
        last = desk.get(address(model))

    assert (first.status_code, last.status_code) == (200, 200)
    assert (len(first.context["cl"].result_list), len(last.context["cl"].result_list)) == (1, 3)
    assert len(three) == len(one)


@pytest.mark.parametrize("model", FOR_AGENTS, ids=lambda model: model._meta.label)
@pytest.mark.parametrize("words", ["C-9000042", "contoso", "9000042", "%", "\N{SNOWMAN}"])
def test_list_finds_nothing_for_words_that_stand_nowhere(desk, model, words):
    make(model)

    answer = desk.get(address(model), {"q": words})

    assert (answer.status_code, len(answer.context["cl"].result_list)) == (200, 0)


@pytest.mark.parametrize("model", FOR_AGENTS, ids=lambda model: model._meta.label)
def test_page_of_a_row_is_there(desk, model):
    row = make(model)

    assert desk.get(address(model, f"{row.pk}/change/")).status_code == 200


def test_pages_show_no_token_and_no_hash_of_one(desk):
    ticket = factories.TicketFactory(request=factories.ConsentRequestFactory(asked=True))
    link = factories.ApprovalLinkFactory(request=ticket.request, from_ticket=ticket)
    trip = factories.ConsentAttemptFactory(link=link, state_hash="5" * 64)
    secrets = {tokens.approval_token(link), tokens.ticket_token(ticket), "5" * 64, "b" * 64}
    secrets |= {tokens.matching_code(ticket.request), tokens.confirmation_code(ticket)}

    shown = "".join(
        desk.get(address(type(row), rest)).content.decode()
        for row in (ticket, link, trip, ticket.request, ticket.contact)
        for rest in ("", f"{row.pk}/change/")
    )

    assert link.recipient.email in shown
    assert {secret for secret in secrets if secret in shown} == set()


@pytest.mark.parametrize("model", FOR_AGENTS, ids=lambda model: model._meta.label)
def test_agents_add_nothing_and_delete_nothing(desk, model):
    row = make(model)

    added = desk.get(address(model, "add/"))
    deleted = desk.post(address(model, f"{row.pk}/delete/"), {"post": "yes"})
    chosen = {"action": "delete_selected", "_selected_action": [row.pk], "post": "yes"}
    desk.post(address(model), chosen)

    assert (added.status_code, deleted.status_code) == (403, 403)
    assert type(row).objects.filter(pk=row.pk).exists()


@pytest.mark.parametrize(
    "model",
    [one for one in FOR_AGENTS if one._meta.model_name != "tenant"],
    ids=lambda model: model._meta.label,
)
def test_agents_change_no_row_by_hand(desk, model):
    row = make(model)
    before = type(row).objects.filter(pk=row.pk).values().get()

    answer = desk.post(address(model, f"{row.pk}/change/"), {"state": "granted", "value": "x"})

    assert answer.status_code == 403
    assert type(row).objects.filter(pk=row.pk).values().get() == before
