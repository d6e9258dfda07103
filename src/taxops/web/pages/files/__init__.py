"""Pages of stored files (文件): the list for administrators, one file, downloads."""

from __future__ import annotations

from taxops.web.manifest import MenuItem, Permission

from .pages import FileDetail, FileDownload, FileList, FileRemove

PAGES = [FileList, FileDetail, FileDownload, FileRemove]
MENU = [MenuItem("文件", "files", "files.view", icon="inbox")]
PERMISSIONS = [Permission("files.view", "查看机构内的文件", "文件")]
JOB_MODULES = ["taxops.platform.files.jobs"]
