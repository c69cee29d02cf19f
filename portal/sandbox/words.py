"""What the demo's vendor says of itself and of its permissions."""

FACTS = {
    "publisher_verified": True,
    "website_url": "https://acme.example/",
    "privacy_url": "https://acme.example/privacy",
    "security_url": "https://acme.example/security",
    "data_location": "European Union",
}

REASONS = {
    ("delegated", "User.Read"): {
        "reason": "Shows each person their own name and address after they connect.",
        "without_it": "Nobody can connect.",
    },
    ("delegated", "Calendars.ReadWrite"): {
        "reason": "Reads free times and writes the meetings that your people book.",
        "without_it": "Meetings cannot be booked.",
    },
    ("delegated", "Mail.Read"): {
        "reason": "Finds invitations and the replies to them.",
        "without_it": "Replies to invitations are missed.",
    },
    ("delegated", "Mail.ReadWrite"): {
        "reason": "Finds invitations and files the replies to them.",
        "without_it": "Replies to invitations are missed.",
    },
    ("delegated", "Mail.Send"): {
        "reason": "Sends an invitation in the name of the person who writes it.",
        "without_it": "Invitations come from us instead of from your people.",
    },
    ("delegated", "Contacts.Read"): {
        "reason": "Suggests addresses while somebody types a guest's name.",
        "without_it": "Addresses have to be typed in full.",
    },
    ("delegated", "offline_access"): {
        "reason": "Keeps a connection alive so that nobody has to sign in every hour.",
        "without_it": "Everybody signs in again every hour.",
    },
    ("application", "Mail.Read"): {
        "reason": "Archives the mail of the mailboxes you choose, also when their owners are away.",
        "without_it": "Nothing can be archived.",
    },
    ("application", "Directory.Read.All"): {
        "reason": "Lets us see what your organisation approved, and tell you exactly.",
        "without_it": "We learn of an approval later and less exactly.",
    },
}

#: What a newcomer can try in which tenant.
TRAITS = {
    "tailspin.example": "Only people who are assigned to the app get in",
    "wingtip.example": "A colleague, old@, connected for himself long ago",
    "woodgrove.example": "Lives in the US Government cloud, where the app is not registered",
    "litware.example": "The app is switched off there",
    "proseware.example": "Nobody is administrator",
    "relecloud.example": "Made for delays: set one at the simulated Microsoft",
    "fourthcoffee.example": "Run by an outside partner, it@partner.example",
    "acme.example": "The vendor's own tenant",
}
