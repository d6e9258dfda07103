"""Pages of stored files (文件): the list for administrators, downloads."""

from __future__ import annotations

from taxops.web.manifest import Permission

PERMISSIONS = [Permission("files.view", "查看机构内的文件", "文件")]
JOB_MODULES = ["taxops.platform.files.jobs"]
