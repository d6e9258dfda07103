"""An embedded PostgreSQL for tests of engines (嵌入式数据库): started once a process, in a folder of its own."""

from __future__ import annotations

import atexit
import shutil
import tempfile
from functools import cache
from pathlib import Path

from taxops.project import embedded


@cache
def url() -> str:
    """Return the URL of a fresh database."""
    folder = Path(tempfile.mkdtemp(prefix="taxops-warehouse-"))
    folder.chmod(0o755)
    server = embedded.start(folder, database="warehouse")
    atexit.register(lambda: (server.stop(), shutil.rmtree(folder, ignore_errors=True)))
    return server.url("warehouse")
