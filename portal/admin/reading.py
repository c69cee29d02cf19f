"""What every page of the back office has in common: agents read, hardly anything is editable."""

from typing import Any

from django.contrib import admin
from django.db.models import Model
from django.http import HttpRequest


def is_agent(request: HttpRequest) -> bool:
    """Signed in, and one of us."""
    return request.user.is_active and request.user.is_staff


class ForAgents:
    """Every agent may look; nobody adds or deletes. What may change stands in `editable`.

    `hidden` are fields that no page shows, hashes of secrets above all.
    """

    editable: tuple[str, ...] = ()
    hidden: tuple[str, ...] = ()

    def has_view_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        """Agents."""
        return is_agent(request)

    def has_change_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        """Agents, where there is something to change."""
        return bool(self.editable) and is_agent(request)

    def has_add_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        """Nobody: rows are made by services."""
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        """Nobody: rows end by services and deadlines."""
        return False

    def get_fields(self, request: HttpRequest, obj: Model | None = None) -> list[str]:
        """All that the model has, but what is hidden."""
        return [field.name for field in self.opts.fields if field.name not in self.hidden]

    def get_readonly_fields(self, request: HttpRequest, obj: Model | None = None) -> list[str]:
        """All that is not editable."""
        return [name for name in self.get_fields(request, obj) if name not in self.editable]


class BackOfficePage(ForAgents, admin.ModelAdmin):
    """A list with search and filters, and a page for each row."""

    list_per_page = 50
    show_full_result_count = False

    def has_module_permission(self, request: HttpRequest) -> bool:
        """Agents."""
        return is_agent(request)

    def save_model(self, request: HttpRequest, obj: Model, form: Any, change: bool) -> None:
        """Save only what was changed: a service may have changed the rest meanwhile."""
        obj.save(update_fields=form.changed_data)


class RowsBelow(ForAgents, admin.TabularInline):
    """Rows that belong to the one shown, each with a link to its own page."""

    extra = 0
    show_change_link = True

    def get_fields(self, request: HttpRequest, obj: Model | None = None) -> list[str]:
        """The few that `fields` names."""
        return list(self.fields)
