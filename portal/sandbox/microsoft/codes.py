"""Authorization codes and refresh tokens: what stands behind the strings that apps pass around."""

import time
from dataclasses import dataclass
from secrets import token_urlsafe

from .directory import Directory
from .scopes import Asked
from .seed import GRAPH, Account
from .state import Registration, State, TenantState

_CODE_LIFE_S = 600


@dataclass
class Code:
    """A single-use code. `granted` are the scopes by API at the moment it was made."""

    registration: Registration
    tenant: TenantState
    account: Account
    redirect_uri: str
    asked: Asked
    granted: dict[str, tuple[str, ...]]
    nonce: str | None
    challenge: str | None
    challenge_method: str
    expires_at: float
    is_used: bool = False


@dataclass(frozen=True)
class RefreshToken:
    """Stands for an account and an app until one of them loses the grant."""

    registration: Registration
    tenant: TenantState
    account: Account


def granted_scopes(
    directory: Directory, registration: Registration, account: Account, asked: Asked
) -> dict[str, tuple[str, ...]]:
    """All that this person gets through the app, by API: more than was asked, often."""
    wanted = {GRAPH, *asked.resources, *(one.resource for one in asked.delegated)}
    return {
        resource: directory.scopes_for(registration.client_id, resource, account.object_id)
        for resource in wanted
    }


def new_code(state: State, code: Code) -> str:
    """Keep the code; returns the string for the redirect."""
    code.expires_at = time.time() + _CODE_LIFE_S
    text = f"0.{token_urlsafe(60)}"
    state.codes[text] = code
    return text


def new_refresh_token(state: State, token: RefreshToken) -> str:
    """Keep the refresh token; returns its string."""
    text = f"1.{token_urlsafe(60)}"
    state.refresh_tokens[text] = token
    return text
