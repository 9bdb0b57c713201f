"""A real file system that is quickly full; only the administrator of a machine may mount one."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path


class SmallDisk:
    """So many kilobytes in memory, mounted at the path."""

    def __init__(self, path: Path, kilobytes: int) -> None:
        self.path = path
        path.mkdir()
        self.is_there = os.geteuid() == 0 and self._mount(f"size={kilobytes}k", "tmpfs")

    def change(self, options: str) -> None:
        assert self._mount(f"remount,{options}", "tmpfs")

    def unmount(self) -> None:
        if self.is_there:
            subprocess.run(["/bin/umount", "--lazy", str(self.path)], check=True)

    def _mount(self, options: str, source: str) -> bool:
        command = ["/bin/mount", "-t", "tmpfs", "-o", options, source, str(self.path)]
        return subprocess.run(command, capture_output=True, check=False).returncode == 0
