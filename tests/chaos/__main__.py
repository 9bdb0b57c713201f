"""`make chaos`: a studio of real processes under a thousand faults. Prints what happened; exit code 1 if
anything was lost, paid twice, left without an end or without an explanation."""

from __future__ import annotations

import argparse
import os
import secrets
import shutil
import sys
import tempfile
import time
from collections import Counter
from pathlib import Path
from uuid import uuid4

import django

from tests.chaos.site import environment


def main() -> int:
    options = _options()
    folder = Path(tempfile.mkdtemp(prefix="hedra-studio-chaos-"))
    os.environ |= environment(folder, f"sk_sandbox_{uuid4().hex}", options.database)
    again = f"python -m tests.chaos --seed {options.seed} --takes {options.takes} --faults {options.faults}"
    print(f"seed {options.seed}; again with: {again}", flush=True)
    django.setup()
    problems = _run(folder, options)
    if problems:
        print(f"\n{len(problems)} problems; logs and rows are kept in {folder}; again with: {again}")
        print("\n".join(f"  {problem}" for problem in problems[:40]))
        return 1
    shutil.rmtree(folder, ignore_errors=True)
    return 0


def _run(folder: Path, options: argparse.Namespace) -> list[str]:
    """With Django at work, since the models come with it."""
    from tests.chaos.opening import open_studio
    from tests.chaos.site import Site
    from tests.chaos.storm import Storm
    from tests.chaos.verdict import Verdict

    began = time.monotonic()
    with Site(folder) as site:
        open_studio(site)
        site.start()
        storm = Storm(site, options.seed, options.takes, options.faults, options.seconds)
        site.wait_for(lambda: storm.person.page("/gallery/")[0] == 200)
        storm.rage()
        raged = time.monotonic()
        storm.calm()
        calm = time.monotonic()
        verdict = Verdict(site.sandbox, storm.person)
        problems, met = verdict.problems(), storm.met()
    _tell("faults met", met)
    _tell("workers killed while they held takes in", storm.violence.killed_at)
    _tell("takes", verdict.outcomes())
    cards, booked, theirs = verdict.charged()
    print(f"credits: {cards} on our cards, {booked} in our ledger, {theirs} in the service's")
    checked = time.monotonic()
    print(f"{raged - began:.0f} s of storm, {calm - raged:.0f} s of calm, {checked - calm:.0f} s of checks")
    short = options.takes - len(verdict.ours), options.faults - met.total()
    return problems + [
        f"short of {n} {what}" for n, what in zip(short, ("takes", "faults"), strict=True) if n > 0
    ]


def _tell(what: str, counts: Counter[str]) -> None:
    print(f"{what}: {counts.total()}")
    for name, count in sorted(counts.items(), key=lambda pair: -pair[1]):
        print(f"  {count:5} {name}")


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m tests.chaos", description=__doc__)
    parser.add_argument("--seed", type=int, default=secrets.randbelow(10**6))
    parser.add_argument("--takes", type=int, default=300)
    parser.add_argument("--faults", type=int, default=1000)
    parser.add_argument(
        "--seconds", type=float, default=1800, help="the storm ends then, however far it came"
    )
    parser.add_argument("--database", default="", help="a DATABASE_URL of an empty database; else SQLite")
    return parser.parse_args()


if __name__ == "__main__":
    sys.exit(main())
