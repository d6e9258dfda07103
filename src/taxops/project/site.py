"""A whole site (站点) from one command: checks, database, lab, preparation, processes, and one orderly end."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit, urlunsplit

from taxops.engines.base import BadInput, Unavailable
from taxops.project import config, embedded, preflight
from taxops.project.children import python, spawn, tail
from taxops.project.lab import control, plan
from taxops.project.supervisor import Child, Interrupted, Say, Supervisor, run_once

PREPARE_LIMIT_S = 300.0
READY_LIMIT_S = 120.0
SETTLE_S = 15.0
"""How long the worker and the prober may take to report after the web answers, before we say ready anyway."""


@dataclass(frozen=True, slots=True)
class Options:
    """What the command line asks for.

    Args:
        demo: fill a demonstration and offer its one-click login.
        parts: processes beside the web: `worker`, `prober`, `syslog`, `lab`.
        database: `postgres` for the embedded one; `sqlite` or empty: what the environment says.
        as_json: the answer when ready is one JSON line on standard output; words go to standard error.
        ready_file: written when ready, for whoever started us.
    """

    demo: bool
    parts: tuple[str, ...]
    database: str = ""
    as_json: bool = False
    ready_file: Path | None = None


def healthz(url: str) -> dict[str, Any] | None:
    """Return what the site says about its health, or None while it says nothing."""
    try:
        with urllib.request.urlopen(f"{url}/healthz", timeout=5) as answer:  # noqa: S310  # our own address
            told: dict[str, Any] = json.loads(answer.read())
            return told
    except (urllib.error.URLError, OSError, ValueError):
        return None


def without_password(url: str) -> str:
    """Return a database URL fit to be shown."""
    parts = urlsplit(url)
    if parts.password is None:
        return url
    netloc = parts.netloc.replace(f":{parts.password}@", ":***@")
    return urlunsplit(parts._replace(netloc=netloc))


class Site:
    """One site while it runs."""

    def __init__(self, options: Options, settings: config.Config, say: Say) -> None:
        self.options = options
        self.settings = settings
        self.say = say
        self.logs = settings.data / "logs"
        self.began = time.monotonic()
        self.supervisor = Supervisor(settings.data / "supervisor.json", say)
        self.door: socket.socket | None = None
        self.gate_r, self.gate_w = os.pipe()  # the web serves when the write end is closed
        self.database_url = settings.database_url
        self.accounts: list[dict[str, str]] = []
        self.token = ""

    @property
    def url(self) -> str:
        """Return the address to open on this machine."""
        host = self.settings.host
        host = "127.0.0.1" if host in {"0.0.0.0", "::"} else host  # noqa: S104  # compared, not bound
        return f"http://{f'[{host}]' if ':' in host else host}:{self.settings.port}"

    def env(self, **more: str) -> dict[str, str]:
        """Return the environment of our children."""
        return {
            **os.environ,
            "TAXOPS_DATA": str(self.settings.data),
            "TAXOPS_HOST": self.settings.host,
            "TAXOPS_PORT": str(self.settings.port),
            "TAXOPS_DATABASE_URL": self.database_url,
            "TAXOPS_DEMO": "1" if self.options.demo else "",
            "PYTHONUNBUFFERED": "1",
            **more,
        }

    def check(self, stack: ExitStack) -> None:
        """Take the lock and the port, and try the database; nothing is started before this is through.

        Raises:
            TaxopsError: something is not right; nothing is left behind.
        """
        stack.enter_context(preflight.lock(self.settings.data))
        self.door = stack.enter_context(preflight.listen(self.settings.host, self.settings.port))
        if self.options.database != "postgres":
            preflight.try_database(self.settings.database_url)

    def _keep(self, name: str, title: str, argv: list[str], *, restart: bool = True, **env: str) -> None:
        log = self.logs / f"{name}.log"
        fds = (self.door.fileno(), self.gate_r) if name == "web" and self.door is not None else ()
        self.supervisor.add(
            Child(
                name,
                title,
                lambda: spawn(argv, log=log, env=self.env(**env), pass_fds=fds),
                log,
                restart=restart,
            )
        )

    def start_database(self) -> None:
        """Start the embedded PostgreSQL when it is wanted."""
        if self.options.database != "postgres":
            return
        folder = self.settings.data / "postgres"
        folder.mkdir(exist_ok=True)
        kept = folder / "port"
        wanted = int(kept.read_text()) if kept.exists() else 0
        port = plan.free_ports([wanted])[0]  # the same as last time if it can be: other commands use it
        kept.write_text(str(port))

        def start() -> subprocess.Popen[bytes]:
            return embedded.start(folder, port=port, mortal=True, durable=True).process

        child = Child("postgres", "数据库", start, folder / "postgres.log", end_signal=signal.SIGINT)
        self.supervisor.add(child)
        self.database_url = f"postgresql://postgres@127.0.0.1:{port}/taxops"
        self._tell("数据库（嵌入式 PostgreSQL）")

    def start_lab(self) -> None:
        """Start the lab's keeper; its services come up while the database is prepared."""
        if "lab" in self.options.parts:
            argv = python("taxops.project.lab.keeper", str(control.folder_in(self.settings.data)))
            self._keep("lab", "实验室", argv, restart=False)

    def prepare(self) -> None:
        """Bring the database up to date and fill it.

        Raises:
            TaxopsError: the preparation says why it cannot be done.
            Interrupted: the order to end came.
        """
        words = [
            f"--{word}"
            for word in ("demo", "prober")
            if (word == "demo" and self.options.demo) or word in self.options.parts
        ]
        if "lab" not in self.options.parts:
            words.append("--no-lab")
        log = self.logs / "prepare.log"
        try:
            done = run_once(
                python("taxops.project.prepare", *words),
                env=self.env(TAXOPS_URL=self.url),
                log=log,
                supervisor=self.supervisor,
                limit=PREPARE_LIMIT_S,
            )
            answer = json.loads(done.stdout)
        except (ValueError, subprocess.TimeoutExpired) as error:
            raise Unavailable("数据结构或演示数据没有准备好。", f"日志 {log}：{tail(log, 3)}") from error
        if "error" in answer:
            told = answer["error"]
            raise Unavailable(told["what"], told.get("todo", ""))
        self.accounts = answer.get("accounts", [])
        self.token = answer.get("prober_token", "")
        took = answer["seconds"]
        self._tell(
            f"数据结构（{answer['migrations']} 个迁移，{took['migrate']:.1f} 秒）"
            + (f"、演示数据（{took['seed']:.1f} 秒）" if self.options.demo else "")
        )

    def start_web(self) -> None:
        """Start the web process; it loads its code while the database is prepared, and waits at the gate."""
        assert self.door is not None
        (self.settings.data / "static").mkdir(exist_ok=True)  # whitenoise warns when there is none
        self._keep(
            "web",
            "网页",
            python("taxops.project.web_process"),
            TAXOPS_WEB_FD=str(self.door.fileno()),
            TAXOPS_WEB_GATE=str(self.gate_r),
        )

    def open_gate(self) -> None:
        """Let the web serve, now and after every restart."""
        os.close(self.gate_w)

    def start_processes(self) -> None:
        """Start worker, prober and the receiver of syslog."""
        if "worker" in self.options.parts:
            self._keep("worker", "后台作业", python("taxops.cli", "worker", "--grace", "2"))
        if "prober" in self.options.parts:
            self._keep(
                "prober",
                "探测器",
                python("taxops.cli", "prober"),
                TAXOPS_PROBER_TOKEN=self.token,
                TAXOPS_URL=self.url,
            )
        if "syslog" in self.options.parts:
            port = os.environ.get("TAXOPS_SYSLOG_PORT", "5514")
            self._keep("syslog", "日志接收", python("taxops.cli", "syslog", "--port", port))

    def wait_ready(self) -> dict[str, Any]:
        """Wait until the site serves and its parts report; return the health it tells.

        Raises:
            Unavailable: the web does not come up.
            Interrupted: the order to end came.
        """
        told: dict[str, Any] = {}

        def answers() -> bool:
            told.clear()
            told.update(healthz(self.url) or {})
            return bool(told)

        if not self.supervisor.wait_for(answers, limit=READY_LIMIT_S):
            log = self.logs / "web.log"
            raise Unavailable(f"网页在 {READY_LIMIT_S:g} 秒内没有就绪。", f"日志 {log}：\n{tail(log, 8)}")
        if "lab" in self.options.parts:
            folder = control.folder_in(self.settings.data)
            self.supervisor.wait_for(lambda: plan.load(folder).ready, limit=30)
        self.supervisor.wait_for(lambda: answers() and told["status"] == "ok", limit=SETTLE_S, step=0.2)
        return told

    def ready(self, health: dict[str, Any]) -> dict[str, Any]:
        """Return everything that whoever started us may want to know."""
        return {
            "url": self.url,
            "data": str(self.settings.data),
            "database_url": without_password(self.database_url),
            "seconds": round(time.monotonic() - self.began, 2),
            "health": health,
            "pid": os.getpid(),
            "processes": self.supervisor.pids(),
            "accounts": self.accounts,
        }

    def _tell(self, words: str) -> None:
        self.say(f"  ✔ {words}　{time.monotonic() - self.began:.1f} 秒")


def _announce(site: Site, facts: dict[str, Any]) -> None:
    """Tell a person where to go, with which accounts, and what is not right."""
    say = site.say
    say("")
    say(f"TaxOps 已就绪，用时 {facts['seconds']:.1f} 秒：{facts['url']}/")
    for name, part in facts["health"].get("parts", {}).items():
        if part.get("status") != "ok":
            say(f"  注意：{name} {part.get('detail', '')}")
    if facts["accounts"]:
        say("")
        say("演示账户（登录页可一键登录；仅供演示）：")
        for account in facts["accounts"]:
            say(f"  {account['role_label']}\t{account['username']}\t{account['password']}\t{account['name']}")
    if "lab" in site.options.parts:
        absent = [s for s in control.status(site.settings.data) if s["state"] != "running"]
        say("")
        say("实验室：taxops lab status 查看，taxops lab break nginx 制造故障，taxops lab heal nginx 恢复。")
        for service in absent:
            say(f"  {service['title']}（{service['name']}）：{service['state_label']}")
    if site.options.database == "postgres":
        say(f"在别的终端执行 taxops 命令前，请先设置 TAXOPS_DATABASE_URL={facts['database_url']}")
    if site.options.demo and site.settings.host not in {"127.0.0.1", "localhost", "::1"}:
        say("注意：演示不只在本机监听，能连到它的人都能一键登录。")
    say(f"日志 {site.logs}；按 Ctrl-C 结束。")


def run_site(options: Options) -> int:
    """Run a site until told to end; return the exit code.

    Raises:
        TaxopsError: it could not be started; nothing is left behind.
    """
    out = sys.stderr if options.as_json else sys.stdout

    def say(words: str) -> None:
        print(words, file=out, flush=True)  # the console is where this command speaks

    environ = {**os.environ, "TAXOPS_DEMO": "1" if options.demo else os.environ.get("TAXOPS_DEMO", "")}
    settings = config.load(environ)
    if options.database == "postgres" and os.environ.get("TAXOPS_DATABASE_URL"):
        raise BadInput(
            "--database postgres 与 TAXOPS_DATABASE_URL 不能同时使用。",
            "请只保留一个：嵌入式，或您自己的数据库。",
        )
    if options.database == "sqlite":
        settings = config.load({**environ, "TAXOPS_DATABASE_URL": ""})
    with ExitStack() as stack:
        site = Site(options, settings, say)
        site.check(stack)
        say(f"TaxOps {'演示' if options.demo else '服务'}正在启动；数据目录 {settings.data}")
        with site.supervisor.signals():
            try:
                return _run(site)
            except Interrupted:
                return 0
            finally:
                if options.ready_file is not None:
                    options.ready_file.unlink(missing_ok=True)
                say("正在结束所有进程……")
    # every child is gone here: `signals` has ended them


def _run(site: Site) -> int:
    site.start_database()
    site.start_lab()
    site.start_web()
    site.prepare()
    site.open_gate()
    site.start_processes()
    facts = site.ready(site.wait_ready())
    site.supervisor.facts = {key: facts[key] for key in ("url", "data", "database_url")}
    site.supervisor.write_state()
    if site.options.ready_file is not None:
        draft = site.options.ready_file.with_name(site.options.ready_file.name + ".new")
        draft.write_text(json.dumps(facts, ensure_ascii=False))
        draft.replace(site.options.ready_file)
    if site.options.as_json:
        print(json.dumps(facts, ensure_ascii=False), flush=True)  # noqa: T201  # the answer
    else:
        _announce(site, facts)
    site.supervisor.run()
    return 0
