"""What can stand against a person's wish. Each has a code; the words are in the templates."""


class DomainError(Exception):
    """A refusal that the person can understand; `code` names the sentence in
    templates/components/refusal.html.
    """

    code = "refused"


class BadToken(DomainError):
    """The link is garbled, rotated, or of something that no longer exists."""

    code = "bad_token"


class TooManyLinks(DomainError):
    """The request already has three live links."""

    code = "too_many_links"


class TooManyPictures(DomainError):
    """The ticket has five screenshots already."""

    code = "too_many_pictures"


class TooOften(DomainError):
    """A rate limit was reached."""

    code = "too_often"


class NotOpen(DomainError):
    """The request was decided meanwhile."""

    code = "not_open"


class OtherTenant(DomainError):
    """The address belongs to another organisation, or to none that we can find."""

    code = "other_tenant"


class WrongCode(DomainError):
    """The six digits are not right."""

    code = "wrong_code"


class NoMoreTries(DomainError):
    """Five wrong codes: only the browser that asked can confirm now."""

    code = "no_more_tries"


class AlreadyAsked(DomainError):
    """That person has a live link already."""

    code = "already_asked"


class NotAgain(DomainError):
    """That person wants no more mail about this matter, or had one a short time ago."""

    code = "not_again"


class RegistrationDiffers(DomainError):
    """Entra would ask for another set than our pages show; operators are alarmed."""

    code = "registration_differs"


class Stopped(DomainError):
    """The person asked never to be written to again."""

    code = "stopped"
