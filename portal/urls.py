"""All addresses of the portal."""

from django.conf import settings
from django.contrib import admin
from django.urls import include, path

from portal import health, metrics

handler500 = "portal.failures.server_error"
urlpatterns = [
    path("", include("portal.public.urls")),
    path("", include("portal.approval.urls")),
    path("desk/", include("portal.desk.urls")),
    path("accounts/", include("allauth.urls")),
    path("admin/", admin.site.urls),
    path("healthz", health.healthz, name="healthz"),
    path("readyz", health.readyz, name="readyz"),
    path("metrics", metrics.metrics, name="metrics"),
]
if settings.SANDBOX:
    urlpatterns.append(path("sandbox/", include("portal.sandbox.urls")))
