from django.db import migrations, models
from django.db.models import Q

import tenants.models.contact

SOME = 500


def mailbox_of(address):
    """As tenants.addresses says it today."""
    local, _at, domain = address.rpartition("@")
    local = local.partition("+")[0] or local
    if domain in {"gmail.com", "googlemail.com"}:
        local, domain = local.replace(".", "") or local, "gmail.com"
    return f"{local}@{domain}"


def fill(apps, _schema_editor):
    """Whoever asked never to be written to is left alone under his other addresses, too."""
    Contact = apps.get_model("tenants", "Contact")
    for contact in Contact.objects.only("email").iterator(SOME):
        Contact.objects.filter(pk=contact.pk).update(mailbox=mailbox_of(contact.email))
    for contact in Contact.objects.exclude(stopped_at=None).order_by("-stopped_at"):
        mates = Contact.objects.filter(mailbox=contact.mailbox, stopped_at=None)
        mates.update(stopped_at=contact.stopped_at)


class Migration(migrations.Migration):
    dependencies = [("tenants", "0002_domains_learnt_anew")]

    operations = [
        migrations.AddField(
            model_name="contact",
            name="mailbox",
            field=tenants.models.contact.MailboxField(
                db_index=True,
                default="",
                editable=False,
                help_text="The address without what its owner may add to it; limits and stops go by it.",
                max_length=254,
            ),
            preserve_default=False,
        ),
        migrations.RunPython(fill, migrations.RunPython.noop),
        migrations.AddConstraint(
            model_name="contact",
            constraint=models.CheckConstraint(
                condition=~Q(mailbox=""), name="contact_has_a_mailbox"
            ),
        ),
    ]
