"""`manage.py erase_person ADDRESS`: what a person typed, showed and was sent goes."""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from consent.actors import Actor
from consent.erasing import erase
from tenants.addresses import BadAddress, normal_address
from tenants.models import Contact


class Command(BaseCommand):
    """For whoever asks to be forgotten. There is no way back."""

    help = "Erase a person by the mail address: words, pictures, mails and the address itself."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Whom."""
        parser.add_argument("address", help="As it stands on the ticket.")

    def handle(self, *args: Any, **options: Any) -> None:
        """Prints what stands in the address's place."""
        try:
            contact = Contact.objects.filter(email=normal_address(options["address"])).first()
        except BadAddress:
            raise CommandError("This is not a mail address.") from None
        if contact is None:
            raise CommandError("Nobody has this address here.")
        erase(contact, by=Actor.requester(contact))
        self.stdout.write(f"Erased. The person is {contact.email} from now on.")
