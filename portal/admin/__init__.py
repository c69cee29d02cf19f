"""The back office: every model with filters and search, and those of the desk's actions that need
no text, through the same services.

States and facts are read only here as well. Agents look and act; superusers also edit what earns an
app trust, and agents' accounts.
"""

from allauth.account.decorators import secure_admin_login
from django.contrib import admin
from django.urls import reverse_lazy
from django.utils.translation import gettext_lazy as _

# Each registers its models with the site.
from portal.admin import (  # noqa: F401
    apps,
    attachments,
    events,
    links,
    outbox,
    requests,
    tenants,
    tickets,
    users,
    watches,
)

admin.site.site_title = admin.site.site_header = _("Back office")
admin.site.index_title = _("Everything there is")
admin.site.site_url = reverse_lazy("desk:queue")
# One door, and the second factor stands behind it: the admin's own form would ask for none.
admin.site.login = secure_admin_login(admin.site.login)
