"""Agents' accounts. Nobody signs himself up: agents are made by `createsuperuser` or in the back
office.
"""

from typing import Any

from allauth.account.adapter import DefaultAccountAdapter
from allauth.account.forms import ResetPasswordForm, default_token_generator
from allauth.account.utils import user_pk_to_url_str
from allauth.socialaccount.adapter import DefaultSocialAccountAdapter
from django.core.mail import EmailMessage
from django.http import HttpRequest
from django.template.loader import render_to_string

from consent.outbox.doorbell import ring
from consent.presenting import absolute
from portal.browsers import network_of
from tenants.models import User


class ClosedSignup(DefaultAccountAdapter):
    """No sign-up by form."""

    def is_open_for_signup(self, _request: HttpRequest) -> bool:
        """Never."""
        return False

    def get_client_ip(self, request: HttpRequest) -> str:
        """By the same name as in our own limits; empty on a Unix socket, where allauth itself would
        let nobody sign in.
        """
        return network_of(request)


class ClosedSocialSignup(DefaultSocialAccountAdapter):
    """No sign-up by Microsoft account; an agent connects his account after signing in."""

    def is_open_for_signup(self, _request: HttpRequest, _sociallogin: Any) -> bool:
        """Never."""
        return False


class NewPasswordForm(ResetPasswordForm):
    """Who forgot the password. The worker writes the mail: a view that calls the mail server for
    agents alone would tell by its time who is one.
    """

    def save(self, _request: HttpRequest, **_kwargs: Any) -> str:
        """Ring, for nobody as well."""
        ring("accounts.mail_new_password", self.users[0].pk if self.users else 0)
        return self.cleaned_data["email"]


def mail_new_password(user_id: int) -> None:
    """Send the way to a new password; nothing where there is no such (active) agent any more."""
    agent = User.objects.filter(pk=user_id, is_active=True).first()
    if agent is None:
        return
    key = f"{user_pk_to_url_str(agent)}-{default_token_generator.make_token(agent)}"
    # As allauth does it: its address has two parts, whose place the key takes.
    pattern = absolute("account_reset_password_from_key", "UID", "KEY")
    context = {"user": agent, "password_reset_url": pattern.replace("UID-KEY", key)}
    subject, body = (
        render_to_string(f"account/email/password_reset_key_{part}.txt", context)
        for part in ("subject", "message")
    )
    EmailMessage(" ".join(subject.split()), f"{body.strip()}\n", to=[agent.email]).send()
