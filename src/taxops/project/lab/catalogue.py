"""What the lab consists of (实验室服务目录): names, Chinese titles, ways to break; no process is touched here."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from taxops.engines.base import BadInput, NotFound

STOP = ("stop", "停止（进程结束）")
HANG = ("hang", "挂起（能连接，不应答）")


@dataclass(frozen=True, slots=True)
class Service:
    """One real service of the lab (实验室服务).

    Args:
        code: its name on the command line.
        title: its Chinese name.
        what: what it is, one Chinese sentence.
        modes: ways to break it (故障方式), code → Chinese label; the first is the default.
        program: the server that must be on the machine; empty when it comes with our own packages.
    """

    code: str
    title: str
    what: str
    modes: Mapping[str, str]
    program: str = ""

    @property
    def default_mode(self) -> str:
        """Return the way it breaks when none is named."""
        return next(iter(self.modes))

    def mode(self, wanted: str | None) -> str:
        """Return the mode to use.

        Raises:
            BadInput: this service cannot be broken that way.
        """
        chosen = wanted or self.default_mode
        if chosen not in self.modes:
            known = "、".join(f"{code}（{label}）" for code, label in self.modes.items())
            raise BadInput(
                f"{self.title}（{self.code}）没有「{chosen}」这种故障方式。",
                f"可用的方式：{known}。",
                field="mode",
            )
        return chosen


SERVICES: tuple[Service, ...] = (
    Service(
        "acceptance",
        "受理服务",
        "统一受理的 HTTP 服务：健康检查、登录、令牌、发票查询",
        dict(
            [
                STOP,
                HANG,
                ("slow", "变慢（每次应答 3 秒）"),
                ("garbage", "应答乱码"),
                ("error", "应答 500"),
                ("degraded", "应答 200 但业务码异常"),
            ]
        ),
    ),
    Service(
        "tls",
        "安全接入",
        "TLS 端点，证书由实验室自己的 CA 签发",
        dict(
            [
                STOP,
                HANG,
                ("expired", "证书已过期"),
                ("expiring", "证书 5 天后到期"),
                ("wrong_name", "证书域名不符"),
                ("untrusted", "证书不是受信任的 CA 签发"),
            ]
        ),
    ),
    Service(
        "postgres",
        "业务数据库",
        "PostgreSQL，其中的传输批次、台账、自动任务表每隔几秒更新",
        dict(
            [
                STOP,
                HANG,
                ("stale", "数据停止更新"),
                ("mismatch", "两侧台账对不上"),
            ]
        ),
    ),
    Service(
        "nginx",
        "外网 nginx",
        "反向代理到受理服务，开放 stub_status",
        dict([STOP, HANG, ("error", "上游不可达（502）")]),
        program="nginx",
    ),
    Service(
        "redis",
        "日志内存数据库",
        "redis，保存受理日志",
        dict([STOP, HANG, ("error", "口令被改，拒绝访问"), ("full", "内存写满")]),
        program="redis-server",
    ),
    Service(
        "kafka",
        "消息总线",
        "Kafka 协议的代理，一个生产者、一个消费组",
        dict([STOP, HANG, ("lag", "消费者停止，积压增长")]),
    ),
    Service(
        "dns",
        "域名解析",
        "应答实验室域名的 DNS 服务器",
        dict(
            [
                STOP,
                HANG,
                ("error", "应答 SERVFAIL"),
                ("wrong", "解析到错误的地址"),
                ("garbage", "应答乱码"),
            ]
        ),
    ),
    Service(
        "logs",
        "服务器日志",
        "外网（UTF-8）、内网（GBK）操作系统日志和数据传输日志，持续写入",
        {"error": "每秒出现错误行", "stop": "停止写入"},
    ),
    Service(
        "heartbeat",
        "业务自动任务",
        "每隔几秒完成一次并报告心跳的任务",
        dict([STOP, ("error", "任务报告失败")]),
    ),
)


def find(code: str) -> Service:
    """Return the service of that name.

    Raises:
        NotFound: there is none; the message lists those there are.
    """
    for service in SERVICES:
        if service.code == code:
            return service
    known = "、".join(f"{service.code}（{service.title}）" for service in SERVICES)
    raise NotFound(f"实验室里没有「{code}」这个服务。", f"现有的服务：{known}。")
