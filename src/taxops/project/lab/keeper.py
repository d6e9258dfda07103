"""The keeper (实验室管理进程): owns every service of the lab, breaks and heals them on request, tells their state.

`python -m taxops.project.lab.keeper FOLDER`. It works from its one thread, one request after the other:
children die with the thread that started them, and two people breaking the same service meet in order.
"""

from __future__ import annotations

import fcntl
import json
import signal
import socketserver
import sys
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from types import FrameType
from typing import Any

from taxops.engines.base import BadInput, Conflict, NotPermitted, TaxopsError, Unavailable
from taxops.project.lab import catalogue, plan
from taxops.project.lab.servers import server_units
from taxops.project.lab.units import Unit, frozen, own_units

LINE_LIMIT = 4096


def now_ms() -> int:
    """Return the present in milliseconds; the keeper is an edge."""
    return time.time_ns() // 1_000_000


@dataclass(slots=True)
class Condition:
    """How a service is (服务状态): broken in `mode` since `since_ms`, by the keeper or by somebody else."""

    mode: str = ""
    since_ms: int = 0
    outside: bool = False


class Keeper:
    """All services of one lab."""

    def __init__(self, lab: plan.Lab) -> None:
        self.lab = lab
        self.units: dict[str, Unit] = {**own_units(lab), **server_units(lab)}
        self.conditions = {code: Condition(since_ms=now_ms()) for code in self.units}
        self.failures: dict[str, str] = {}
        self.operations: Mapping[str, Callable[[Mapping[str, Any]], dict[str, object]]] = {
            "status": self.status,
            "break": self.break_,
            "heal": self.heal,
        }

    def start(self) -> None:
        """Start everything; what does not start is reported, not fatal."""
        # the servers that take longest first, so that the others come up meanwhile
        order = sorted(self.units, key=lambda code: code == "postgres")
        stages: tuple[Callable[[Unit], None], ...] = (lambda u: u.begin(), lambda u: u.wait_ready())
        for stage in stages:
            for code in order:
                if code in self.failures:
                    continue
                try:
                    stage(self.units[code])
                except (TaxopsError, OSError) as error:
                    self.failures[code] = str(error)
                    self.conditions[code] = Condition("stop", now_ms(), outside=True)

    def end(self) -> None:
        """End everything."""
        for unit in self.units.values():
            unit.end()

    def _note(self, code: str, act: str, mode: str, began_ms: int) -> dict[str, object]:
        """Append an event to `events.jsonl`: the true instants, for journeys and for the lab page."""
        event: dict[str, object] = {
            "name": code,
            "act": act,
            "mode": mode,
            "began_ms": began_ms,
            "done_ms": now_ms(),
        }
        with (self.lab.folder / "events.jsonl").open("a") as out:
            out.write(json.dumps(event) + "\n")
        return event

    def _observe(self, code: str) -> Condition:
        """Return a service's condition, noticing what somebody did to it behind our back."""
        condition, pid = self.conditions[code], self.units[code].main_pid()
        at = now_ms()
        found = ""
        if pid is None and condition.mode != "stop":
            found = "stop"
        elif pid is not None and frozen(pid) and condition.mode != "hang":
            found = "hang"
        elif pid is not None and not frozen(pid) and condition.mode == "hang":
            self.conditions[code] = condition = Condition("", at)  # somebody woke it
        if found:
            self.conditions[code] = condition = Condition(found, at, outside=True)
            self._note(code, "break", found, at)
        return condition

    def describe(self, code: str) -> dict[str, object]:
        """Return one line of the status."""
        service, address = catalogue.find(code), self.lab[code]
        line: dict[str, object] = {
            "name": code,
            "title": service.title,
            "what": service.what,
            "installed": address.installed,
            "port": address.port,
            "target": address.target,
            "modes": dict(service.modes),
        }
        if code not in self.units:
            return {**line, "state": "absent", "state_label": "未安装，未启动", "mode": "", "pid": None}
        condition = self._observe(code)
        if condition.mode:
            label = service.modes.get(condition.mode, condition.mode)
            label = f"{label}，不是由实验室操作" if condition.outside else label
        else:
            label = "运行中"
        return {
            **line,
            "state": "broken" if condition.mode else "running",
            "state_label": label,
            "mode": condition.mode,
            "since_ms": condition.since_ms,
            "pid": self.units[code].main_pid(),
            "failure": self.failures.get(code, ""),
        }

    def status(self, _: Mapping[str, Any]) -> dict[str, object]:
        """Answer how every service is."""
        return {"services": [self.describe(service.code) for service in catalogue.SERVICES]}

    def _unit(self, asked: Mapping[str, Any]) -> tuple[catalogue.Service, Unit]:
        service = catalogue.find(str(asked.get("name", "")))
        unit = self.units.get(service.code)
        if unit is None:
            raise Unavailable(
                f"{service.title}（{service.code}）未安装，未启动。",
                f"请先在本机安装 {service.program}，再重新启动演示。",
            )
        return service, unit

    def break_(self, asked: Mapping[str, Any]) -> dict[str, object]:
        """Break a service.

        Raises:
            Conflict: it is broken in another way already.
        """
        service, unit = self._unit(asked)
        mode = service.mode(asked.get("mode"))
        condition = self._observe(service.code)
        if condition.mode == mode:
            return {
                "changed": False,
                "message": f"{service.title}已经处于「{service.modes[mode]}」，未做任何事。",
                "service": self.describe(service.code),
            }
        if condition.mode:
            raise Conflict(
                f"{service.title}已处于「{service.modes.get(condition.mode, condition.mode)}」。",
                f"请先执行 taxops lab heal {service.code}，再换一种故障方式。",
            )
        began = now_ms()
        unit.apply(mode)
        event = self._note(service.code, "break", mode, began)
        self.conditions[service.code] = Condition(mode, began)
        return {
            "changed": True,
            "message": f"{service.title}：{service.modes[mode]}。",
            "event": event,
            "service": self.describe(service.code),
        }

    def heal(self, asked: Mapping[str, Any]) -> dict[str, object]:
        """Bring a service back."""
        service, unit = self._unit(asked)
        condition = self._observe(service.code)
        if not condition.mode:
            return {
                "changed": False,
                "message": f"{service.title}本来就在正常运行，未做任何事。",
                "service": self.describe(service.code),
            }
        began = now_ms()
        unit.heal(condition.mode)
        self.failures.pop(service.code, None)
        event = self._note(service.code, "heal", condition.mode, began)
        self.conditions[service.code] = Condition("", now_ms())
        return {
            "changed": True,
            "message": f"{service.title}已恢复。",
            "event": event,
            "service": self.describe(service.code),
        }

    def answer(self, line: bytes) -> dict[str, object]:
        """Answer one request line."""
        try:
            asked = json.loads(line)
            if not isinstance(asked, dict):
                raise ValueError("not an object")
        except ValueError:
            return {"error": BadInput("请求不是 JSON 对象。").as_dict()}
        if asked.get("token") != self.lab.token:
            return {"error": NotPermitted("口令不对。", "请使用 taxops lab 命令或实验室页面。").as_dict()}
        operation = self.operations.get(str(asked.get("op")))
        try:
            if operation is None:
                raise BadInput(f"没有「{asked.get('op')}」这个操作。")
            return {"ok": operation(asked)}
        except TaxopsError as error:
            return {"error": error.as_dict()}
        except OSError as error:
            return {"error": Unavailable("操作没有成功。", str(error)).as_dict()}


class _Door(socketserver.TCPServer):
    """Where requests come in, one line each."""

    allow_reuse_address = True
    request_queue_size = 32

    def __init__(self, keeper: Keeper) -> None:
        self.keeper = keeper
        super().__init__(("127.0.0.1", keeper.lab.control_port), _Request)


class _Request(socketserver.StreamRequestHandler):
    timeout = 2
    server: _Door

    def handle(self) -> None:
        try:
            line = self.rfile.readline(LINE_LIMIT)
            answer = self.server.keeper.answer(line)
            self.wfile.write(json.dumps(answer, ensure_ascii=False).encode() + b"\n")
        except OSError as error:
            sys.stderr.write(f"control: {error}\n")  # a caller that leaves or dawdles


def keep(folder: Path) -> int:
    """Run a lab until told to end; return the exit code."""
    folder.mkdir(parents=True, exist_ok=True)
    with (folder / "keeper.lock").open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            sys.stderr.write("错误：这个数据目录的实验室已经在运行。\n")
            return 2
        return _keep(plan.lay(folder))


class _End(BaseException):  # socketserver swallows every Exception
    """Somebody asked the keeper to end."""


def _keep(lab: plan.Lab) -> int:
    def stop(_number: int, _frame: FrameType | None) -> None:
        for one in (signal.SIGTERM, signal.SIGINT):
            signal.signal(one, signal.SIG_IGN)  # ending once is enough
        raise _End

    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, stop)
    lab = replace(lab, pid=_pid())
    keeper = Keeper(lab)
    try:
        with _Door(keeper) as door:
            plan.save(lab)
            keeper.start()
            plan.save(replace(lab, ready=True))
            door.serve_forever(poll_interval=1.0)
    except _End:
        return 0
    finally:
        keeper.end()
        plan.save(replace(lab, pid=0))
    return 0


def _pid() -> int:
    import os  # one use

    return os.getpid()


if __name__ == "__main__":
    sys.exit(keep(Path(sys.argv[1])))
