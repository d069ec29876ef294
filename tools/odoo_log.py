"""Fails if a log of Odoo holds a warning, an error or a traceback."""

import re
import sys
from pathlib import Path

# What Odoo's own addons log on a sound database.
ALLOWED = (
    # The process may be started as root on a throw-away computer.
    re.compile(r"Running as user 'root' is a security risk"),
)
SUSPICIOUS = re.compile(
    r"^\S+ \S+ \d+ (WARNING|ERROR|CRITICAL) |^Traceback |Warning: |^py\.warnings"
)


def main():
    found = []
    for name in sys.argv[1:]:
        for line in Path(name).read_text(errors="replace").splitlines():
            if SUSPICIOUS.search(line) and not any(
                allowed.search(line) for allowed in ALLOWED
            ):
                found.append(line)
    if found:
        print("\nThe log is not clean:", *found, sep="\n")
        sys.exit(1)


if __name__ == "__main__":
    main()
