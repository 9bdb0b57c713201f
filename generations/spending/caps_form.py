"""The caps of one account, as a form."""

from __future__ import annotations

from typing import Any

from django import forms

from catalog.models import Account
from generations.caps import HIGHEST, Limit, limits
from generations.models import Cap

_AMOUNT = f"Write a whole number of credits up to {HIGHEST:,}, or nothing for no cap."
_WIDGET = forms.NumberInput(attrs={"class": "field", "inputmode": "numeric"})


def _amount(label: str) -> forms.IntegerField:
    return forms.IntegerField(
        label=label,
        required=False,
        min_value=0,
        max_value=HIGHEST,
        widget=_WIDGET,
        error_messages=dict.fromkeys(("invalid", "min_value", "max_value"), _AMOUNT),
    )


class CapsForm(forms.Form):
    daily = _amount("A day")
    monthly = _amount("A month")

    def __init__(self, data: Any = None, *, account: Account) -> None:
        self.account = account
        cap = Cap.objects.filter(account=account).first()
        kept = {"daily": cap.daily, "monthly": cap.monthly} if cap else {}
        super().__init__(data, initial=kept, auto_id=f"id_{account.pk}_%s")

    @property
    def limits(self) -> list[Limit]:
        """What holds at the moment."""
        return limits(self.account)

    def save(self) -> None:
        Cap.objects.update_or_create(account=self.account, defaults=self.cleaned_data)
