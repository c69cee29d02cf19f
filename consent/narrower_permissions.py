"""Which permissions of Microsoft Graph may take the place of wider ones, and what is given up.

Each replacement stops fewer people than what it replaces; a test holds them against Microsoft's
lists. What is not here has no such replacement: nothing below Calendars.ReadWrite, for example,
lets an app into a calendar past an administrator.
"""

from typing import Final

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from tenants.microsoft.permissions import GRAPH, Kind, Permission

Replacement = tuple[tuple[str, ...], str | Promise]
_NOTHING: Final[Replacement] = ((), "")

_SIGNED_IN: Final = _(
    "The app works only for people who have connected, not for a whole organisation at once. Each "
    "of them signs in, and the refresh token keeps the connection."
)
_SENDS_ONLY: Final = _("The app can send mail and no longer read or change any.")
_OWN_FILES: Final = _("Only the person's own files, not those that others share with them.")
_NAMES: Final = _("Names and addresses of colleagues, not their managers, phones or offices.")
_CHAT_HEADS: Final = _("Who chats with whom, and new messages sent; not what was written.")
_PICKED_SITES: Final = _("Only sites that an administrator has picked for the app, one by one.")
_READS_CONTACTS: Final = _("The app reads contacts and no longer changes them.")

#: Delegated permissions by the lower-case name of the delegated one that they replace.
DELEGATED: Final[dict[str, Replacement]] = {
    "mail.readwrite": (("Mail.Send",), _SENDS_ONLY),
    "mail.readwrite.shared": (("Mail.Send.Shared",), _SENDS_ONLY),
    "contacts.readwrite": (("Contacts.Read",), _READS_CONTACTS),
    "people.read": (
        ("User.ReadBasic.All",),
        _("A search by name in place of a list of the people somebody works with most."),
    ),
    "files.read.all": (("Files.Read",), _OWN_FILES),
    "files.readwrite.all": (("Files.ReadWrite",), _OWN_FILES),
    "sites.read.all": (("Sites.Selected",), _PICKED_SITES),
    "sites.readwrite.all": (("Sites.Selected",), _PICKED_SITES),
    "chat.read": (("Chat.ReadBasic",), _CHAT_HEADS),
    "chat.readwrite": (("Chat.ReadBasic", "ChatMessage.Send"), _CHAT_HEADS),
    "user.read.all": (("User.ReadBasic.All",), _NAMES),
    "user.readwrite.all": (
        ("User.ReadWrite",),
        _("Only the signed-in person's own profile can be changed."),
    ),
    "directory.read.all": (("User.ReadBasic.All",), _NAMES),
    "group.read.all": (
        ("Team.ReadBasic.All",),
        _("The teams that the person belongs to, not groups, their mail or their members."),
    ),
}

_ALSO_DELEGATED: Final = (
    "Calendars.Read",
    "Calendars.ReadWrite",
    "Contacts.Read",
    "Contacts.ReadWrite",
    "Mail.Read",
    "Mail.ReadBasic",
    "Mail.ReadWrite",
    "Mail.Send",
    "MailboxSettings.Read",
    "MailboxSettings.ReadWrite",
)

#: Application permissions by their lower-case name; most exist as delegated ones, too.
APPLICATION: Final[dict[str, Replacement]] = {
    "directory.read.all": (("User.ReadBasic.All",), _NAMES),
    "user.read.all": (("User.ReadBasic.All",), _NAMES),
    **{name.lower(): ((name,), _SIGNED_IN) for name in _ALSO_DELEGATED},
}


def replacement(permission: Permission) -> Replacement:
    """Delegated permissions of Graph in place of this one and a sentence of what is given up; both
    empty where nothing narrower does, as for any other API.
    """
    table = DELEGATED if permission.kind == Kind.DELEGATED else APPLICATION
    is_ours = permission.resource_client_id == GRAPH
    return table.get(permission.name.lower(), _NOTHING) if is_ours else _NOTHING
