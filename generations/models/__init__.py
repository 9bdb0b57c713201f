from .asset import Asset, Upload
from .cap import Cap
from .drafting import Draft, Preset, Purse
from .entry import AppendOnly, Entry, EntryQuerySet
from .generation import FailedTry, Generation, Input, LeaseLost
from .queryset import GenerationQuerySet, lease_end
from .status import LOCAL, REMOTE, RUNNING, Status

__all__ = [
    "LOCAL",
    "REMOTE",
    "RUNNING",
    "AppendOnly",
    "Asset",
    "Cap",
    "Draft",
    "Entry",
    "EntryQuerySet",
    "FailedTry",
    "Generation",
    "GenerationQuerySet",
    "Input",
    "LeaseLost",
    "Preset",
    "Purse",
    "Status",
    "Upload",
    "lease_end",
]
