"""Who made a model. The service doesn't say, so the family's name has to."""

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


def maker_of(name: str, slug: str = "") -> str:
    """The maker, or "" for a family nobody told us about."""
    for text in (name, slug.rpartition("/")[2]):
        start = re.sub(r"[^a-z]+", " ", text.lower()).strip() + " "
        for family, maker in _FAMILIES.items():
            if start.startswith(f"{family} "):
                return maker
    return ""
