"""An app registration at Entra, and the permissions it needs."""

from django.core.validators import RegexValidator
from django.db import models
from django.db.models import Q
from django.db.models.functions import Lower

from tenants.microsoft import clouds
from tenants.microsoft.clouds import Cloud, cloud
from tenants.microsoft.guids import WHOLE_GUID
from tenants.microsoft.permissions import Kind, Permission


class AppRegistration(models.Model):
    """One Entra app in one cloud: who it is, how we prove ourselves as it, what it needs, and facts
    that earn trust.

    The credential is named, never held: `credential` is a name in the environment. Without one the
    app is somebody else's; links then have no return and only reports of connections prove
    anything.
    """

    slug = models.SlugField(
        max_length=40, help_text="Names the product in addresses; one registration a cloud."
    )
    cloud = models.CharField(max_length=20)
    name = models.CharField(max_length=80)
    client_id = models.CharField(max_length=36, validators=[RegexValidator(WHOLE_GUID)])
    home_tenant_id = models.CharField(max_length=36, blank=True)
    credential = models.CharField(
        max_length=60, blank=True, help_text="NAME of the variable MICROSOFT_CREDENTIAL_NAME."
    )
    permission_version = models.PositiveIntegerField(default=1)
    shows_roles = models.BooleanField(
        default=True,
        help_text="groupMembershipClaims contains DirectoryRole, so that ID tokens carry `wids`.",
    )
    weakest_proof = models.CharField(
        max_length=10,
        choices=[
            ("in_use", "people get in"),
            ("witness", "a witness"),
            ("sign_in", "an administrator's sign-in"),
            ("directory", "the directory"),
        ],
        default="in_use",
        help_text="Delegated permissions proved by less than this do not count as granted.",
    )
    connect_url = models.URLField(
        help_text="Where a user goes to try again. Without prompt=consent."
    )
    publisher = models.CharField(max_length=120)
    publisher_verified = models.BooleanField(default=False)
    website_url = models.URLField(blank=True)
    privacy_url = models.URLField(blank=True)
    security_url = models.URLField(blank=True)
    data_location = models.CharField(max_length=120, blank=True)
    accent = models.CharField(
        max_length=20, blank=True, help_text="A hue of the palette; empty is the house's own."
    )
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        verbose_name = "app registration"
        constraints = [
            models.UniqueConstraint(fields=["slug", "cloud"], name="app_once_a_cloud"),
            models.UniqueConstraint(fields=["client_id", "cloud"], name="client_id_once_a_cloud"),
            models.CheckConstraint(
                condition=Q(client_id__regex=WHOLE_GUID), name="client_id_is_a_lower_case_guid"
            ),
            models.CheckConstraint(
                condition=Q(permission_version__gte=1), name="permission_version_from_one"
            ),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def microsoft(self) -> Cloud:
        """The cloud this app is registered in."""
        return cloud(self.cloud)

    def permissions(self, version: int | None = None) -> frozenset[Permission]:
        """The permissions of that version of the set, by default the present one."""
        wanted = version or self.permission_version
        return frozenset(
            row.permission for row in self.required_permissions.all() if row.version == wanted
        )

    def needed(self, version: int | None = None) -> frozenset[Permission]:
        """Those that a grant has to cover: what belongs to signing in comes by the way, and a
        witness opens nothing.
        """
        asked = (row.permission for row in self.rows(version) if not row.is_witness)
        return frozenset(one for one in asked if not one.is_for_sign_in)

    def witness(self, version: int | None = None) -> Permission | None:
        """The role of our own API that nobody grants without all that is needed, if any."""
        return next((row.permission for row in self.rows(version) if row.is_witness), None)

    def rows(self, version: int | None = None) -> list["RequiredPermission"]:
        """The same as rows with their reasons, in the order in which people read them."""
        wanted = version or self.permission_version
        return sorted(
            (r for r in self.required_permissions.all() if r.version == wanted),
            key=lambda row: row.pk,
        )


class RequiredPermission(models.Model):
    """One permission of one version of an app's set, why it is needed, what breaks without it."""

    app = models.ForeignKey(
        AppRegistration, on_delete=models.CASCADE, related_name="required_permissions"
    )
    version = models.PositiveIntegerField()
    resource_client_id = models.CharField(max_length=36)
    kind = models.CharField(
        max_length=12, choices=[("delegated", "delegated"), ("application", "application")]
    )
    value = models.CharField(max_length=120)
    reason = models.CharField(max_length=300)
    without_it = models.CharField(max_length=300, blank=True)
    is_witness = models.BooleanField(
        default=False,
        help_text="A role of the vendor's own API, granted only together with the whole set.",
    )

    class Meta:
        constraints = [
            models.UniqueConstraint(
                "app",
                "version",
                "resource_client_id",
                "kind",
                Lower("value"),
                name="permission_once_a_version",
            ),
            models.CheckConstraint(
                condition=Q(kind__in=["delegated", "application"]), name="permission_kind_is_known"
            ),
            models.UniqueConstraint(
                fields=["app", "version"],
                condition=Q(is_witness=True),
                name="permission_one_witness_a_version",
            ),
            models.CheckConstraint(
                condition=Q(is_witness=False)
                | (
                    Q(kind="application")
                    & ~Q(resource_client_id__in=[clouds.GRAPH, clouds.EXCHANGE_ONLINE])
                ),
                name="permission_witness_is_a_role_of_the_vendors_api",
            ),
        ]

    def __str__(self) -> str:
        return self.value

    @property
    def permission(self) -> Permission:
        """This row as the value that is compared with what Microsoft says."""
        return Permission(self.resource_client_id, Kind(self.kind), self.value)
