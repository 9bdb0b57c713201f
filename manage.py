#!/usr/bin/env python
"""Entry to every command of the studio: `python manage.py studio` starts it all."""

import os
import sys

# Kept to syntax that any Python can read, so that an old one gets a sentence and not a SyntaxError.
if sys.version_info < (3, 11):
    sys.stderr.write(
        "Hedra Studio needs Python 3.11 or newer; %s is %d.%d.\n"
        % (sys.executable, sys.version_info[0], sys.version_info[1])
    )
    sys.exit(2)


def main():
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "hedra_studio.settings")
    from hedra_studio.lifeline import end_with_supervisor
    from hedra_studio.refused import Refused

    end_with_supervisor()
    try:
        from django.core.management import execute_from_command_line

        execute_from_command_line(sys.argv)
    except Refused as refusal:
        sys.stderr.write("%s\n" % refusal)
        sys.exit(2)
    except KeyboardInterrupt:
        sys.exit(130)


if __name__ == "__main__":
    main()
