"""What people keep at hand."""

from django.conf import settings
from django.db import models

from catalog.models.ai_model import AIModel


class Pin(models.Model):
    """A person's mark on an AI model."""

    owner = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="pins")
    model = models.ForeignKey(AIModel, models.CASCADE, related_name="pins")
    created = models.DateTimeField(auto_now_add=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["owner", "model"], name="pin_once")]

    def __str__(self) -> str:
        return f"{self.owner}: {self.model}"
