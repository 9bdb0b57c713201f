"""Who made a model: as the service says or, where it doesn't, as the family's name tells."""

import re

_FAMILIES = {
    "dreamina": "ByteDance",
    "elevenlabs": "ElevenLabs",
    "flux": "Black Forest Labs",
    "gemini": "Google",
    "gpt": "OpenAI",
    "grok": "xAI",
    "hedra": "Hedra",
    "hidream": "HiDream",
    "ideogram": "Ideogram",
    "imagen": "Google",
    "kling": "Kling AI",
    "ltx": "Lightricks",
    "luma": "Luma",
    "mai": "Microsoft",
    "minimax": "MiniMax",
    "mirelo": "Mirelo",
    "nano banana": "Google",
    "omnihuman": "ByteDance",
    "pixverse": "PixVerse",
    "qwen": "Alibaba",
    "recraft": "Recraft",
    "reve": "Reve",
    "sana": "NVIDIA",
    "seedance": "ByteDance",
    "seedream": "ByteDance",
    "sora": "OpenAI",
    "veed": "VEED",
    "veo": "Google",
    "vidu": "Vidu",
    "wan": "Alibaba",
}


_SAID = {
    "bytedance": "ByteDance",
    "google": "Google",
    "openai": "OpenAI",
    "xai": "xAI",
    "zimage": "Alibaba",
}
"""Makers as services call them; some name a family instead."""


def maker_of(name: str, slug: str = "", said: str = "") -> str:
    """The maker's name for people, or "" for a family nobody told us about. `said` is the service's word."""
    word = said.strip().lower()
    known = _SAID.get(word) or _of_family(said) or _of_family(name) or _of_family(slug.rpartition("/")[2])
    return known or ("" if word == "other" else said.strip()[:60])


def _of_family(text: str) -> str:
    start = re.sub(r"[^a-z]+", " ", text.lower()).strip() + " "
    return next((maker for family, maker in _FAMILIES.items() if start.startswith(f"{family} ")), "")
