"""The key that signs sessions and form tokens: made on first start, readable by its owner only."""

import os
import secrets
import tempfile
from pathlib import Path

from hedra_studio.refused import Refused


def secret_key(path: Path) -> str:
    """The key kept at `path`; made there when there is none."""
    try:
        if not path.exists():
            _create(path)
        path.chmod(0o600)
        key = path.read_text("ascii").strip()
    except (OSError, UnicodeDecodeError) as error:
        raise Refused(f"The secret key at {path} can't be used ({error})") from None
    if len(key) < 32:
        raise Refused(f"The secret key at {path} is damaged; remove the file to get a new one")
    return key


def _create(path: Path) -> None:
    """Written aside and then linked: no reader sees half a key, and of two first starts one key survives."""
    handle, aside = tempfile.mkstemp(dir=path.parent, prefix=".secret_key-")  # mkstemp makes it mode 600
    with os.fdopen(handle, "w") as file:
        file.write(secrets.token_urlsafe(50) + "\n")
        file.flush()
        os.fsync(file.fileno())
    try:
        os.link(aside, path)
    except FileExistsError:
        pass
    finally:
        Path(aside).unlink()
