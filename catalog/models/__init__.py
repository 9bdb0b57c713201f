"""What can be used, and what it costs."""

from catalog.models.account import Account, NotConnected
from catalog.models.ai_model import AIModel, AIModelQuerySet
from catalog.models.asked_price import AskedPrice
from catalog.models.budget import CallBudget, SharedBudget
from catalog.models.change import Change
from catalog.models.logo import Logo
from catalog.models.pin import Pin
from catalog.models.reading import BalanceReading
from catalog.models.rest import Rest, SharedGate
from catalog.models.voice import Voice

__all__ = [
    "AIModel",
    "AIModelQuerySet",
    "Account",
    "AskedPrice",
    "BalanceReading",
    "CallBudget",
    "Change",
    "Logo",
    "NotConnected",
    "Pin",
    "Rest",
    "SharedBudget",
    "SharedGate",
    "Voice",
]
