from .asset import Asset, Upload
from .drafting import Draft, Preset, Purse
from .generation import FailedTry, Generation, Input, LeaseLost
from .queryset import GenerationQuerySet, lease_end
from .status import LOCAL, REMOTE, RUNNING, Status
from .stored import Damage, found_whole

__all__ = [
    "LOCAL",
    "REMOTE",
    "RUNNING",
    "Asset",
    "Damage",
    "Draft",
    "FailedTry",
    "Generation",
    "GenerationQuerySet",
    "Input",
    "LeaseLost",
    "Preset",
    "Purse",
    "Status",
    "Upload",
    "found_whole",
    "lease_end",
]
