"""Agents' accounts in the back office, for superusers."""

from typing import Any

from allauth.mfa.models import Authenticator
from allauth.socialaccount.models import SocialApp, SocialToken
from django.contrib import admin
from django.contrib.auth.admin import UserAdmin
from django.contrib.auth.forms import AdminUserCreationForm
from django.contrib.auth.models import Group
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from tenants.models import User

# Two rights are all there are, agent and superuser; and no page shows a secret.
for model in (Group, SocialApp, SocialToken, Authenticator):
    admin.site.unregister(model)


class NewUserForm(AdminUserCreationForm):
    """A new agent."""

    def clean_email(self) -> str:
        """Addresses are kept in lower case, as the sign-in looks for them."""
        return self.cleaned_data["email"].lower()


@admin.register(User)
class UserPage(UserAdmin):
    """Who may sign in. Nobody is deleted: what they did names them; switch them off instead."""

    add_form = NewUserForm
    fieldsets = (
        (None, {"fields": ("email", "password", "name")}),
        (_("Rights"), {"fields": ("is_active", "is_staff", "is_superuser")}),
        (_("Dates"), {"fields": ("last_login", "date_joined")}),
    )
    add_fieldsets = (
        (
            None,
            {"fields": ("email", "name", "is_staff", "usable_password", "password1", "password2")},
        ),
    )
    readonly_fields = ("last_login", "date_joined")
    list_display = ("email", "name", "is_staff", "is_superuser", "is_active", "last_login")
    list_filter = ("is_staff", "is_superuser", "is_active")
    search_fields = ("email", "name")
    ordering = ("email",)
    filter_horizontal = ()

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Nobody."""
        return False


@admin.register(Authenticator)
class AuthenticatorPage(admin.ModelAdmin):
    """Second factors without what is secret in them; deleting one lets an agent set up another."""

    list_display = ("user", "type", "created_at", "last_used_at")
    list_filter = ("type", "created_at")
    list_select_related = ("user",)
    search_fields = ("user__email",)
    fields = readonly_fields = ("user", "type", "created_at", "last_used_at")

    def has_add_permission(self, request: HttpRequest) -> bool:
        """Agents set them up themselves."""
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Nobody."""
        return False
