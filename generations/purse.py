"""How a person wants to spend, as a form."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib.auth.models import User

from . import buying
from .models import Purse

MOST = 1_000_000
_AMOUNT = f"Write a whole number of credits up to {MOST:,}, or nothing for never."


class PurseForm(forms.Form):
    ask_over = forms.IntegerField(
        label="Ask before spending more than",
        required=False,
        min_value=0,
        max_value=MOST,
        widget=forms.NumberInput(attrs={"class": "field", "inputmode": "numeric"}),
        error_messages=dict.fromkeys(("invalid", "min_value", "max_value"), _AMOUNT),
    )

    def __init__(self, data: Any = None, *, owner: User) -> None:
        self.owner, self.kept = owner, buying.ask_over(owner)
        """What holds at the moment; None for never."""
        super().__init__(data, initial={"ask_over": self.kept})

    def save(self) -> None:
        self.kept = self.cleaned_data["ask_over"]
        Purse.objects.update_or_create(owner=self.owner, defaults={"ask_over": self.kept})
