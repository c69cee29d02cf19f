"""The lever room: reads the whole state as JSON, and changes it. Not a part of Microsoft.

Every name here belongs to the contract that tests and the walk script against.
"""

from collections import Counter
from collections.abc import Callable
from dataclasses import fields
from typing import cast

from aiohttp import web

from . import grants
from .catalogue import Permission, permission
from .description import describe
from .faults import ENDPOINTS, KINDS, OPTIONS
from .seed import GRAPH, Account, Kind, Policy
from .state import Registration, State, Switches, TenantState, named_permissions
from .web import json_answer, state_of

_BIGGEST_CROWD = 20_000
Change = Callable[[], None]
_SWITCHES = {one.name: one for one in fields(Switches)}


class Unusable(ValueError):
    """The patch cannot be used; the text says why. Nothing of it has happened."""


async def control(request: web.Request) -> web.Response:
    """GET the state, or PATCH it."""
    state = state_of(request)
    if request.method == "GET":
        return json_answer(describe(state))
    if request.content_type != "application/json":
        return json_answer({"error": "Send application/json."}, status=415)
    try:
        patch = await request.json()
    except ValueError:
        return json_answer({"error": "The body is not JSON."}, status=400)
    try:
        apply(state, patch)
    except Unusable as error:
        return json_answer({"error": str(error)}, status=400)
    return json_answer(describe(state))


async def calls(request: web.Request) -> web.Response:
    """How many calls each endpoint has had, of all tenants together: small, however many there
    are.
    """
    total = sum(state_of(request).calls.values(), Counter[str]())
    return json_answer(dict(total))


def apply(state: State, patch: object) -> None:
    """Change the state: reset first, then switches, then revoke, then grant. Raises Unusable."""
    patch = _mapping(patch, "the patch")
    if patch.get("reset"):
        # Reset alone cannot fail, and what follows is read against the fresh state.
        state.reset()
    readers: dict[str, Callable[[State, object], list[Change]]] = {
        "reset": lambda _, value: [],
        "crowd": _crowd,
        "page_size": _page_size,
        "latency_s": _latency,
        "apps": _apps,
        "tenants": _tenants,
        "faults": _faults,
        "revoke": _revokes,
        "grants": _grants,
    }
    if unknown := set(patch) - set(readers):
        raise Unusable(f"Unknown: {', '.join(sorted(unknown))}.")
    changes = [read(state, patch[name]) for name, read in readers.items() if name in patch]
    for change in [one for several in changes for one in several]:
        change()


def _mapping(value: object, what: str) -> dict[str, object]:
    if not isinstance(value, dict):
        raise Unusable(f"{what} must be an object.")
    return value


def _rows(value: object, what: str) -> list[dict[str, object]]:
    if not isinstance(value, list):
        raise Unusable(f"{what} must be a list.")
    return [_mapping(one, f"each of {what}") for one in value]


def _page_size(state: State, value: object) -> list[Change]:
    if not isinstance(value, int) or value < 1:
        raise Unusable("page_size must be a number above zero.")
    return [lambda: setattr(state, "page_size", value)]


def _latency(state: State, value: object) -> list[Change]:
    if isinstance(value, bool) or not isinstance(value, int | float) or not 0 <= value <= 60:
        raise Unusable("latency_s must be a number of seconds up to 60.")
    return [lambda: setattr(state, "latency_s", float(value))]


def _crowd(state: State, value: object) -> list[Change]:
    if not isinstance(value, int) or not 0 < value <= _BIGGEST_CROWD:
        raise Unusable(f"crowd must be a number up to {_BIGGEST_CROWD}.")
    # At once, so that the rest of the patch may speak of these tenants.
    state.crowd(value)
    return []


def _tenant(state: State, name: object) -> TenantState:
    found = state.find_tenant(str(name))
    if found is None:
        raise Unusable(f"There is no tenant {name}.")
    return found


def _app(state: State, slug: object) -> Registration:
    found = state.registrations.get(str(slug))
    if found is None:
        raise Unusable(f"There is no app {slug}.")
    return found


def _account(tenant: TenantState, address: object) -> Account:
    found = tenant.account(str(address))
    if found is None:
        raise Unusable(f"There is nobody {address} in {tenant.tenant.domain}.")
    return found


def _tenants(state: State, value: object) -> list[Change]:
    changes: list[Change] = []
    for name, switches in _mapping(value, "tenants").items():
        tenant = _tenant(state, name)
        settings = {
            key: _switch(state, tenant, key, setting)
            for key, setting in _mapping(switches, name).items()
        }
        changes.append(lambda tenant=tenant, settings=settings: _turn(state, tenant, settings))
    return changes


def _turn(state: State, tenant: TenantState, settings: dict[str, object]) -> None:
    for key, value in settings.items():
        setattr(tenant.switches, key, value)
    for slug in cast("list[str]", settings.get("blocked", [])):
        # Blocking a request in Microsoft's queue leaves a disabled service principal behind.
        tenant.write(tenant.install(state.registrations[slug]))
    state.restate_service_principals(tenant)


def _switch(state: State, tenant: TenantState, key: str, value: object) -> object:
    if key not in _SWITCHES:
        raise Unusable(f"Unknown switch {key}; there are {', '.join(_SWITCHES)}.")
    if key == "policy":
        try:
            return Policy(value)
        except ValueError:
            raise Unusable(f"Unknown policy {value}.") from None
    if key == "faults":
        return _fault_table(value)
    if key in {"assigned", "blocked"}:
        if not isinstance(value, list):
            raise Unusable(f"{key} must be a list.")
        if key == "assigned":
            return [_account(tenant, one).address for one in value]
        return [_app(state, one).app.slug for one in value]
    usual = _SWITCHES[key].default
    kinds = (bool,) if isinstance(usual, bool) else (int, float)
    if not isinstance(value, kinds) or (kinds != (bool,) and isinstance(value, bool)):
        raise Unusable(f"{key} must be a {'boolean' if kinds == (bool,) else 'number'}.")
    return value


def _fault_table(value: object) -> dict[str, dict[str, float]]:
    table: dict[str, dict[str, float]] = {}
    for endpoint, faults in _mapping(value, "faults").items():
        if endpoint not in ENDPOINTS:
            raise Unusable(f"No faults at {endpoint}; there are {', '.join(sorted(ENDPOINTS))}.")
        table[endpoint] = {}
        for kind, chance in _mapping(faults or {}, endpoint).items():
            if kind not in KINDS | OPTIONS or not isinstance(chance, int | float):
                raise Unusable(f"Unknown fault {kind}: {chance}.")
            table[endpoint][kind] = float(chance)
    return table


def _faults(state: State, value: object) -> list[Change]:
    table = _fault_table(value)
    return [lambda: state.faults.update(table)]


def _apps(state: State, value: object) -> list[Change]:
    changes: list[Change] = []
    for slug, settings in _mapping(value, "apps").items():
        registration = _app(state, slug)
        for key, setting in _mapping(settings, slug).items():
            made = _app_setting(key, setting)
            changes.append(lambda r=registration, k=key, m=made: setattr(r, k, m))
    return changes


def _app_setting(key: str, value: object) -> object:
    if key in {"role_claim", "is_publisher_verified", "disabled_by_microsoft"}:
        if not isinstance(value, bool):
            raise Unusable(f"{key} must be a boolean.")
        return value
    if not isinstance(value, list):
        raise Unusable(f"{key} must be a list.")
    if key == "secrets_end_in_days":
        if not all(isinstance(one, int | float) for one in value):
            raise Unusable(f"{key} must be numbers.")
        return value
    if key in {"redirect_uris", "secrets", "expired_secrets", "certificates"}:
        return [str(one) for one in value]
    if key == "federated":
        rows = _rows(value, key)
        return [{name: str(row.get(name)) for name in ("issuer", "subject")} for row in rows]
    if key == "permissions":
        try:
            return named_permissions([_named(str(one).split()) for one in value])
        except (ValueError, TypeError) as error:
            raise Unusable(f"permissions: {error}") from None
    raise Unusable(f"Unknown app setting {key}.")


def _named(words: list[str]) -> tuple[str, str, str]:
    """Kind and name, with the client id of their API in front where that is not Graph."""
    api, kind, value = words if len(words) == 3 else (GRAPH, *words)
    return api, kind, value


def _permissions(registration: Registration, value: object) -> list[Permission]:
    if value is None:
        return list(registration.permissions)
    if not isinstance(value, list):
        raise Unusable("permissions must be a list.")
    found: list[Permission] = []
    for name in value:
        registered = [
            one for one in registration.permissions if one.value.lower() == str(name).lower()
        ]
        usual = permission(GRAPH, Kind.DELEGATED, str(name)) or permission(
            GRAPH, Kind.APPLICATION, str(name)
        )
        if not registered and usual is None:
            raise Unusable(f"There is no permission {name}.")
        found += registered or [cast("Permission", usual)]
    return found


def _grants(state: State, value: object) -> list[Change]:
    changes: list[Change] = []
    for row in _rows(value, "grants"):
        tenant, registration = _tenant(state, row.get("tenant")), _app(state, row.get("app"))
        if "by" in row:
            _account(tenant, row["by"])
        person = _account(tenant, row["for"]) if row.get("for") else None
        wanted = _permissions(registration, row.get("permissions"))
        changes.append(
            lambda t=tenant, r=registration, w=wanted, p=person: grants.add(t, r, w, account=p)
        )
    return changes


def _revokes(state: State, value: object) -> list[Change]:
    changes: list[Change] = []
    for row in _rows(value, "revoke"):
        tenant, registration = _tenant(state, row.get("tenant")), _app(state, row.get("app"))
        changes.append(lambda t=tenant, r=registration: grants.revoke(t, r))
    return changes
