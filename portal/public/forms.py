"""What a blocked user may send us."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from consent.diagnosis import Seen
from consent.models import AppRegistration
from consent.pictures import MOST_BYTES, Picture, PictureKind, picture
from tenants.addresses import BadAddress, normal_address

MOST_PASTED = 256 * 1024


class Address(forms.CharField):
    """A mail address in its normal form; bad ones get a sentence."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(max_length=254, strip=False, **kwargs)
        self.widget = forms.EmailInput(attrs={"autocomplete": "email", "maxlength": 254})

    def clean(self, value: Any) -> str:
        """The normal address; empty stays empty where it is not required."""
        text = super().clean(value)
        if not text.strip():
            if self.required:
                raise forms.ValidationError(self.error_messages["required"])
            return ""
        try:
            return normal_address(text)
        except BadAddress:
            raise forms.ValidationError(
                _("This is not an e-mail address. It looks like name@company.com.")
            ) from None


class App(forms.CharField):
    """The product, by its slug."""

    def clean(self, value: Any) -> AppRegistration:
        """The registration; raises where there is none of that name."""
        app = AppRegistration.objects.filter(slug=super().clean(value)).order_by("pk").first()
        if app is None:
            raise forms.ValidationError(_("We do not know this app. Choose one from the list."))
        return app


class Pasted(forms.CharField):
    """What Microsoft showed, as it was pasted. Characters that no page shows are dropped, never
    refused.
    """

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(
            required=False, strip=False, widget=forms.Textarea(attrs={"rows": 6}), **kwargs
        )

    def to_python(self, value: Any) -> str:
        """The text without NUL, at most 256 kB of it."""
        return (value or "").replace("\0", "")[:MOST_PASTED]

    def run_validators(self, value: Any) -> None:
        """Anything may be pasted."""


class Screenshot(forms.FileField):
    """A picture of what Microsoft showed, known by its bytes."""

    def __init__(self, **kwargs: Any) -> None:
        widget = forms.FileInput(attrs={"accept": ",".join(PictureKind.values)})
        super().__init__(widget=widget, allow_empty_file=True, **kwargs)

    def clean(self, data: Any, initial: Any = None) -> Picture | None:
        """The picture; None where none was chosen."""
        # What a stranger called the file is of no interest, however long it is.
        if data:
            data.name = "screenshot"
        file = super().clean(data, initial)
        if not file:
            return None
        if file.size > MOST_BYTES:
            raise forms.ValidationError(_("This picture is too large. Use one of at most 5 MB."))
        shown = picture(file.read())
        if shown is None:
            raise forms.ValidationError(
                _("We cannot read this as a picture. Use a screenshot as PNG, JPEG or WebP.")
            )
        return shown


class StartForm(forms.Form):
    """Who is blocked, and what Microsoft showed."""

    email = Address(
        error_messages={
            "required": _("We need your work e-mail address to find your organisation.")
        }
    )
    app = App(error_messages={"required": _("Choose the app you want to connect.")})
    pasted = Pasted()
    seen = forms.ChoiceField(
        choices=[("", ""), *((seen.value, seen.value) for seen in Seen)], required=False
    )


class AskForm(StartForm):
    """The ask itself."""

    name = forms.CharField(
        max_length=60,
        required=False,
        error_messages={"max_length": _("Use at most 60 characters for your name.")},
    )
    admin_email = Address(required=False)
    note = forms.CharField(
        max_length=500,
        required=False,
        error_messages={"max_length": _("Use at most 500 characters for the note.")},
    )
    seen = forms.CharField(required=False, max_length=20)
    screenshot = Screenshot(required=False)


class ScreenshotForm(forms.Form):
    """A picture for a ticket that is there."""

    screenshot = Screenshot(error_messages={"required": _("Choose a picture first.")})
