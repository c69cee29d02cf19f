"""App registrations in the back office: superusers edit what earns trust.

What Microsoft must know as well (client ID, credential, permissions) comes from `register_app`
alone, which makes a new permission version where one is due.
"""

from typing import Any

from django import forms
from django.contrib import admin
from django.db import models
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from consent import events
from consent.accents import GRAPHITE, HUES
from consent.actors import Actor
from consent.models import AppRegistration, Event, RequiredPermission
from consent.registrations import brings_wall_back
from portal.admin.reading import BackOfficePage, RowsBelow


class PermissionsBelow(RowsBelow):
    """What the app needs, in every version."""

    model = RequiredPermission
    fields = (
        *("version", "kind", "value", "resource_client_id"),
        *("reason", "without_it", "is_witness"),
    )
    ordering = ("-version", "pk")


class AppRegistrationForm(forms.ModelForm):
    """The facts that people read."""

    def clean_connect_url(self) -> str:
        """Without the parameter that would undo an approval."""
        address = self.cleaned_data["connect_url"]
        if brings_wall_back(address):
            raise forms.ValidationError(
                _("Leave prompt=consent out; it brings the wall back after an approval.")
            )
        return address


@admin.register(AppRegistration)
class AppRegistrationPage(BackOfficePage):
    """One Entra app in one cloud."""

    form = AppRegistrationForm
    list_display = (
        "name",
        "slug",
        "cloud",
        "client_id",
        "permission_version",
        "publisher",
        "publisher_verified",
    )
    list_filter = ("cloud", "publisher_verified", "shows_roles")
    search_fields = ("name", "slug", "client_id", "publisher")
    ordering = ("slug", "cloud")
    inlines = (PermissionsBelow,)
    editable = (
        "name",
        "connect_url",
        "publisher",
        "publisher_verified",
        "website_url",
        "privacy_url",
        "security_url",
        "data_location",
        "accent",
    )
    formfield_overrides = {models.URLField: {"assume_scheme": "https"}}

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Superusers."""
        return super().has_change_permission(request, obj) and request.user.is_superuser

    def formfield_for_dbfield(
        self, db_field: models.Field, request: HttpRequest, **kwargs: Any
    ) -> forms.Field | None:
        """The accent is one of the palette's."""
        if db_field.name == "accent":
            hues = [(hue.name, hue.name) for hue in (*HUES, GRAPHITE)]
            choices = [("", _("the house's own")), *hues]
            return forms.ChoiceField(choices=choices, required=False, label=_("Accent"))
        return super().formfield_for_dbfield(db_field, request, **kwargs)

    def save_model(
        self, request: HttpRequest, obj: AppRegistration, form: Any, change: bool
    ) -> None:
        """Save what was changed, with a line in the trail."""
        super().save_model(request, obj, form, change)
        if form.changed_data:
            by = Actor.agent(request.user)
            events.record(Event.Kind.APP_CHANGED, by=by, detail=obj.slug)
