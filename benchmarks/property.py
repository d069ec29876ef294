#!/usr/bin/env python3
"""Compare what is kept with a replay after each of some thousand random operations.

    python benchmarks/property.py --operations 5000 --seed 1

Runs the property test of the addon's tests on their database, in which nothing is left.
A failure tells the seed of its round, and what happened up to then.
"""

import argparse
import os
import subprocess
import sys
from pathlib import Path

PROJECT = Path(__file__).resolve().parent.parent
TEST = "contract_tracking/tests/test_kept_property.py"


def main():
    """Read the arguments and run the test."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--operations", type=int, default=5000)
    parser.add_argument("--seed", type=int, default=1)
    arguments = parser.parse_args()
    result = subprocess.run(
        [str(PROJECT / "test"), TEST, "--odoo-log-level=info", "-s"],
        env={
            **os.environ,
            "PROPERTY_OPERATIONS": str(arguments.operations),
            "PROPERTY_SEED": str(arguments.seed),
        },
        check=False,
    )
    sys.exit(result.returncode)


if __name__ == "__main__":
    main()
