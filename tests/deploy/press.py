"""Run as a process on one machine of a team: press Generate and tell the workers. If asked to, lose the
messages, and print how many there were."""

import sys

from tests.processes import press  # sets Django up  # isort: skip

from huey.contrib.djhuey import HUEY

from generations import tasks

if __name__ == "__main__":
    count, then = sys.argv[1:]
    press.look_around()
    tasks.wake([press.press() for _ in range(int(count))])
    if then == "lose":
        sys.stdout.write(str(HUEY.pending_count()))
        HUEY.flush()
