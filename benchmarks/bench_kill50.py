"""Fifty random SIGKILLs of web, worker and prober during scripted outages, on SQLite and PostgreSQL.

`./run bench kill50 [KILLS] [SEED]`: runs the kill journey with that many kills and prints its findings.
"""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent


def main(arguments: list[str]) -> int:
    """Run the journey; return pytest's exit code."""
    kills = arguments[0] if arguments else "50"
    seed = arguments[1] if len(arguments) > 1 else "20260601"
    env = {**os.environ, "TAXOPS_KILLS": kills, "TAXOPS_KILL_SEED": seed}
    argv = [sys.executable, "-m", "pytest", "tests/journeys/test_kills.py", "-q", "-s", "-n0"]
    return subprocess.run(argv, cwd=ROOT, env=env, check=False).returncode


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
