"""Nobody signs himself up: agents are made by `createsuperuser` or in the back office."""

from typing import Any

from allauth.account.adapter import DefaultAccountAdapter
from allauth.socialaccount.adapter import DefaultSocialAccountAdapter
from django.http import HttpRequest


class ClosedSignup(DefaultAccountAdapter):
    """No sign-up by form."""

    def is_open_for_signup(self, _request: HttpRequest) -> bool:
        """Never."""
        return False

    def format_email_subject(self, subject: str) -> str:
        """As the template says it, without the name of a site before it."""
        return " ".join(subject.split())


class ClosedSocialSignup(DefaultSocialAccountAdapter):
    """No sign-up by Microsoft account; an agent connects his account after signing in."""

    def is_open_for_signup(self, _request: HttpRequest, _sociallogin: Any) -> bool:
        """Never."""
        return False
