"""A job (业务自动任务) that runs every few seconds and reports its heartbeat (心跳) to the platform.

`python -m taxops.project.lab.services.heartbeat FILE SECONDS`: FILE is written by the demo's seed and
holds `{"url": …}`; it is read anew each time, so the job outlives changes of address.
"""

from __future__ import annotations

import asyncio
import json
import sys
import urllib.error
import urllib.request
from pathlib import Path

from taxops.project.lab.services.runtime import Mode, run, say


def report(file: Path, *, failed: bool) -> str:
    """Tell the platform that the job ran; return what came of it, for the log."""
    try:
        url = json.loads(file.read_text())["url"] + ("/fail" if failed else "")
        words = "自动任务执行失败" if failed else "自动任务完成"
        request = urllib.request.Request(url, data=words.encode(), method="POST")  # noqa: S310  # our own seed's
        with urllib.request.urlopen(request, timeout=3) as answer:  # noqa: S310  # as above
            return f"{answer.status}"
    except FileNotFoundError:
        return "not told where to report"
    except (OSError, ValueError, KeyError, TypeError) as error:
        return f"{error.__class__.__name__}: {error}"


def main(file: Path, seconds: float) -> None:
    """Report every few seconds until the keeper leaves."""

    async def start(mode: Mode) -> None:
        say("ready")
        last = ""
        while True:
            came = await asyncio.to_thread(report, file, failed=mode.name == "error")
            if came != last:
                sys.stderr.write(came + "\n")
                sys.stderr.flush()
                last = came
            await asyncio.sleep(seconds)

    run(start)


if __name__ == "__main__":
    main(Path(sys.argv[1]), float(sys.argv[2]))
