"""Prices that only the service itself can tell: asked for one by one, and kept by what was asked."""

from django.db import models

from catalog.models.ai_model import AIModel


class AskedPrice(models.Model):
    """What a service says that one take costs with these parameters. Not answered yet: no `credits`, no
    `error`."""

    model = models.ForeignKey(AIModel, models.CASCADE, related_name="asked_prices")
    parameters = models.CharField(max_length=500, help_text="canonical JSON of what was asked")
    credits = models.DecimalField(max_digits=16, decimal_places=4, null=True, blank=True)
    normalized = models.JSONField(default=dict, blank=True, help_text="what the service priced instead")
    error = models.TextField(blank=True)
    wanted_at = models.DateTimeField(help_text="when a page last showed it")
    asked_at = models.DateTimeField(null=True, blank=True)
    answered_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["model", "parameters"], name="asked_price_once")]

    def __str__(self) -> str:
        return f"{self.model_id} {self.parameters}"
