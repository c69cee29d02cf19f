"""The mails of the demo, kept so that people can read them."""

from django.db import models


class SandboxMail(models.Model):
    """A mail as it would have left."""

    kind = models.CharField(max_length=40)
    to = models.EmailField(db_index=True)
    subject = models.CharField(max_length=200)
    text = models.TextField()
    html = models.TextField()
    message_id = models.CharField(max_length=200)
    sent_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ("-pk",)

    def __str__(self) -> str:
        return self.subject
