"""What the bureau operates (资产): the e-invoice platform's systems as GX:21–31 names them, and the halls.

Addresses are of the documentation ranges, serial numbers and figures invented.
"""

from __future__ import annotations

from collections.abc import Iterator

from taxops.project.demo import province

Row = dict[str, str]

PLATFORM = "SYS-EINV"
# code, name, part of, owner, is core
_SYSTEMS = (
    (PLATFORM, "增值税电子发票公共服务平台", "", "是"),
    ("SYS-VAT2", "增值税发票管理系统 2.0 版", PLATFORM, "是"),
    ("SYS-SK", "增值税发票税控系统", "SYS-VAT2", "是"),
    ("SYS-DZDZ", "增值税发票电子底账系统", "SYS-VAT2", "是"),
    ("SYS-ZHFW", "增值税发票综合服务平台", "SYS-VAT2", "是"),
    ("SYS-FPCY", "增值税发票查验平台", "SYS-VAT2", "是"),
    ("SYS-AQJR", "安全接入", PLATFORM, "是"),
    ("SYS-TYSL", "统一受理", PLATFORM, "是"),
    ("SYS-BSQZ", "版式文件系统前置", PLATFORM, "否"),
    ("SYS-QZ", "电子签章系统", PLATFORM, "否"),
)
# code, name, type, runs on, depends on, attributes
_PARTS: tuple[tuple[str, str, str, str, str, dict[str, str]], ...] = (
    ("HOST-OUT-01", "外网服务器 01", "host", "", "", {"IP 地址": "192.0.2.11", "CPU": "16", "内存": "64"}),
    ("HOST-OUT-02", "外网服务器 02", "host", "", "", {"IP 地址": "192.0.2.12", "CPU": "16", "内存": "64"}),
    ("HOST-IN-01", "内网服务器 01", "host", "", "", {"IP 地址": "198.51.100.21", "CPU": "32", "内存": "128"}),
    ("HOST-IN-02", "内网服务器 02", "host", "", "", {"IP 地址": "198.51.100.22", "CPU": "32", "内存": "128"}),
    ("SVC-NGINX", "外网 nginx", "middleware", "HOST-OUT-01", "SVC-TYSL", {"产品": "nginx", "版本": "1.22"}),
    ("SVC-TYSL", "受理服务", "service", "HOST-OUT-02", "DB-LOG SVC-KAFKA", {"协议": "HTTP", "实例数": "2"}),
    ("SVC-AQJR", "安全接入网关", "service", "HOST-OUT-01", "SVC-TYSL", {"协议": "HTTPS", "实例数": "2"}),
    ("DB-LOG", "日志内存数据库", "middleware", "HOST-OUT-02", "", {"产品": "redis", "版本": "7.0"}),
    ("SVC-KAFKA", "消息总线", "middleware", "HOST-IN-01", "", {"产品": "Kafka"}),
    ("DB-BIZ", "业务数据库", "database", "HOST-IN-02", "", {"产品": "PostgreSQL", "版本": "18"}),
    ("SVC-DNS", "域名解析", "service", "HOST-OUT-01", "", {"协议": "其他"}),
    ("JOB-UP", "汇总上传任务", "service", "HOST-IN-01", "DB-BIZ SVC-KAFKA", {"协议": "其他"}),
)
_PART_OF = {
    "SVC-NGINX": "SYS-TYSL",
    "SVC-TYSL": "SYS-TYSL",
    "SVC-AQJR": "SYS-AQJR",
    "DB-LOG": "SYS-TYSL",
    "SVC-KAFKA": "SYS-DZDZ",
    "DB-BIZ": "SYS-DZDZ",
    "SVC-DNS": "SYS-FPCY",
    "JOB-UP": "SYS-ZHFW",
}


def _row(code: str, name: str, kind: str, org: str, **cells: str) -> Row:
    return {"资产编号": code, "名称": name, "资产类型": kind, "所属机构": org, **cells}


def systems() -> Iterator[Row]:
    """Yield the systems and what they consist of, with the columns of the asset import."""
    for code, name, above, core in _SYSTEMS:
        yield _row(code, name, "system", province.PROVINCE, 上级资产=above, 等保级别="第三级", 核心系统=core)
    for code, name, kind, runs_on, depends_on, attributes in _PARTS:
        ties = {"上级资产": _PART_OF.get(code, ""), "运行于": runs_on, "依赖": depends_on}
        yield _row(code, name, kind, province.PROVINCE, **ties, **attributes)


def halls() -> Iterator[Row]:
    """Yield every hall as an asset of its own organisation; the counties' main halls are the larger ones."""
    for number, row in enumerate(row for row in province.rows() if row["层级"] == "hall"):
        main = row["上级代码"].endswith("0000")
        windows = 8 + number % 17 if main else 2 + number % 4
        yield _row(
            f"HALL-{row['机构代码']}",
            row["简称"],
            "hall",
            row["机构代码"],
            窗口数=str(windows),
            面积=str(windows * 42),
        ) | {"24 小时自助区": "是" if main else "否"}
