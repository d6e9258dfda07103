"""What a check costs, whole path: schedule, probe, judge, spool, send, step the state, store.

    ./run bench checks [--seconds 15] [--json] [--against TREE]

`--against` takes another checked-out version of this repository and prints what a check costs here over there, the
two probers working in turn, which tells a busy machine from slow code.

The prober is the real `taxops prober`; a small centre takes its batches, steps the states and stores every result
in SQLite. Checks are counted by nginx. Beside it runs Prometheus + blackbox_exporter, where installed. Use the ratios:
seconds depend on the machine. The ingest of the real centre (address, judging, database) is measured by itself.
"""

from __future__ import annotations

import argparse
import json
import os
import signal
import sqlite3
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parent))

from checks import floor, peer
from checks.processes import Processes, cpu_s, free_port, rss_mb, wait_for
from checks.targets import KEYWORD, Hang, Nginx, has_nginx

ROOT = Path(__file__).resolve().parent.parent
GOALS = {
    "cpu": "≤ 0.10 CPU-s/1,000",
    "ratio": "≤ 1/14",
    "hung": "≥ 99 %",
    "late": "< 100 ms",
    "rss": "< 60 MB",
    "core": "< 25 %",
    "ingest": "每 CPU 秒 ≥ 10,000 条",
}


def spec(number: int, url: str, interval_s: float, timeout_s: float) -> dict[str, Any]:
    return {
        "id": number, "version": 1, "kind": "http", "target": url, "params": {"keyword": KEYWORD},
        "conditions": ["status == 200"], "warnings": [], "interval_s": interval_s,
        "retry_interval_s": min(interval_s, 10.0), "timeout_s": timeout_s, "confirm": 3, "recover": 2,
    }  # fmt: skip


class Ours:
    """The prober and the small centre, started with a set of checks."""

    def __init__(
        self, processes: Processes, name: str, specs: list[dict[str, Any]], tree: Path = ROOT
    ) -> None:
        self.processes = processes
        self.folder = processes.folder / name
        self.folder.mkdir()
        (self.folder / "assignments.json").write_text(json.dumps({"version": "v1", "checks": specs}))
        port = free_port()
        path = f"{tree / 'benchmarks'}:{tree / 'src'}"
        self.centre = processes.start(
            f"{name}-centre",
            [sys.executable, "-m", "checks.centre", str(port), str(self.folder)],
            PYTHONPATH=path,
        )
        wait_for(f"http://127.0.0.1:{port}/")
        self.prober = processes.start(
            f"{name}-prober",
            [sys.executable, "-m", "taxops.cli", "prober", "--url", f"http://127.0.0.1:{port}",
             "--spool", str(self.folder / "spool")],
            TAXOPS_PROBER_TOKEN="bench",
            PYTHONPATH=path,
        )  # fmt: skip

    def cpu(self) -> tuple[float, float]:
        """Return CPU seconds of prober and centre."""
        return cpu_s(self.prober.pid), cpu_s(self.centre.pid)

    def ask(self, sql: str, *values: object) -> list[tuple[Any, ...]]:
        """Return rows of the centre's database."""
        database = sqlite3.connect(f"file:{self.folder / 'centre.db'}?mode=ro", uri=True)
        try:
            return database.execute(sql, values).fetchall()
        finally:
            database.close()

    def lateness(self, since_ms: int) -> tuple[float, float]:
        """Return p99 and the most of how late checks began, over every result stored since an instant."""
        found = [
            row[0] for row in self.ask("SELECT late FROM result WHERE at_ms >= ? ORDER BY late", since_ms)
        ]
        return (float(found[len(found) * 99 // 100]), float(found[-1])) if found else (0.0, 0.0)

    def end(self) -> float:
        """End both and return how long the prober took."""
        took = self.processes.end(self.prober)
        self.processes.end(self.centre)
        return took


def measure_cost(
    processes: Processes, nginx: Nginx, count: int, seconds: float, page: str = "c"
) -> dict[str, float]:
    specs = [spec(n + 1, url, 1.0, 5.0) for n, url in enumerate(nginx.urls(count, page))]
    ours = Ours(processes, f"cost-{page}", specs)
    time.sleep(4)
    since_ms = int(time.time() * 1000)
    before, cpu, began = nginx.requests(), ours.cpu(), time.monotonic()
    time.sleep(seconds)
    made, after, took = nginx.requests() - before, ours.cpu(), time.monotonic() - began
    memory = rss_mb(ours.prober.pid)
    prober, centre = after[0] - cpu[0], after[1] - cpu[1]
    stop_s = ours.end()
    late_p99, _ = ours.lateness(since_ms)
    stored = ours.ask("SELECT COUNT(*) FROM result")[0][0]
    return {
        "made": made, "per_s": made / took, "prober_cpu_s": prober, "centre_cpu_s": centre,
        "per_1000": 1000 * (prober + centre) / max(1, made), "prober_per_1000": 1000 * prober / max(1, made),
        "rss_mb": memory, "late_p99_ms": late_p99, "prober_core": prober / took,
        "stored": stored, "stop_s": stop_s,
    }  # fmt: skip


def measure_hung(
    processes: Processes, nginx: Nginx, hang: Hang, seconds: float, timeout_s: float
) -> dict[str, float]:
    good = nginx.urls(360)
    specs = [spec(n + 1, url, 1.0, timeout_s) for n, url in enumerate([*good, *hang.urls(40)])]
    ours = Ours(processes, f"hung{timeout_s:g}", specs)
    time.sleep(4 + timeout_s)
    since_ms = int(time.time() * 1000)
    before, began = nginx.requests(), time.monotonic()
    time.sleep(seconds)
    made, took = nginx.requests() - before, time.monotonic() - began
    ours.end()
    late_p99, late_most = ours.lateness(since_ms)
    return {
        "good_per_s": made / took, "good_share": made / took / len(good),
        "late_p99_ms": late_p99, "late_max_ms": late_most,
    }  # fmt: skip


def measure_memory(processes: Processes, nginx: Nginx, count: int, seconds: float) -> dict[str, float]:
    ours = Ours(processes, "memory", [spec(n + 1, url, 60.0, 5.0) for n, url in enumerate(nginx.urls(count))])
    time.sleep(seconds)
    memory = rss_mb(ours.prober.pid)
    ours.end()
    return {"checks": count, "rss_mb": memory}


def measure_against(
    processes: Processes, nginx: Nginx, count: int, seconds: float, other: Path
) -> dict[str, float]:
    """Return CPU seconds per 1,000 checks of this tree and another's, one working while the other is stopped."""
    specs = [spec(n + 1, url, 1.0, 5.0) for n, url in enumerate(nginx.urls(count))]
    pair = {"here": Ours(processes, "here", specs), "there": Ours(processes, "there", specs, other)}
    time.sleep(4)
    for ours in pair.values():
        os.kill(ours.prober.pid, signal.SIGSTOP)
    made, spent = dict.fromkeys(pair, 0), dict.fromkeys(pair, 0.0)
    for _ in range(3):
        for name, ours in pair.items():
            os.kill(ours.prober.pid, signal.SIGCONT)
            time.sleep(
                3.5
            )  # results after the stop are suspect, and it takes some more until all is as always
            before, cpu = nginx.requests(), sum(ours.cpu())
            time.sleep(seconds / 2)
            made[name] += nginx.requests() - before
            spent[name] += sum(ours.cpu()) - cpu
            os.kill(ours.prober.pid, signal.SIGSTOP)
    for ours in pair.values():
        os.kill(ours.prober.pid, signal.SIGCONT)
        ours.end()
    costs = {name: 1000 * spent[name] / max(1, made[name]) for name in pair}
    return {**costs, "ratio": costs["here"] / costs["there"]}


def measure_ingest(seconds: int) -> dict[str, float]:
    """Return what the real centre takes in; in a process of its own, for Django is none of the others' business."""
    argv = [sys.executable, "-m", "checks.ingest", str(seconds)]
    path = f"{ROOT / 'benchmarks'}:{ROOT / 'src'}"
    done = subprocess.run(argv, capture_output=True, check=True, env={**os.environ, "PYTHONPATH": path})
    found: dict[str, float] = json.loads(done.stdout.splitlines()[-1])
    return found


def show(found: dict[str, Any]) -> bool:
    """Print the figures with their goals; return whether all are reached."""
    lines = [_cost_line(found["cost"])]
    if found.get("peer"):
        lines.append(_peer_line(found["peer"], found["cost"]))
    for timeout_s, each in found["hung"].items():
        good = each["good_share"] >= 0.99
        words = f"10% 目标挂起（超时 {timeout_s} 秒）：正常检查完成 {each['good_share']:.2%}"
        lines.append((words, GOALS["hung"], good))
        words = f"  探测器迟到 p99 {each['late_p99_ms']:.1f} ms（最大 {each['late_max_ms']:.1f}）"
        lines.append((words, GOALS["late"], each["late_p99_ms"] < 100))
    core = found["cost"]["prober_core"]
    words = f"一个探测器每分钟 {found['cost']['per_s'] * 60:,.0f} 次：占一个核的 {core:.1%}"
    lines.append((words, GOALS["core"], core < 0.25 and found["cost"]["per_s"] * 60 >= 20_000))
    taken = found["ingest"]
    words = (
        f"真实平台接收上报（5,000 项检查）：每 CPU 秒 {taken['per_cpu_s']:,.0f} 条，"
        f"每千条 {taken['per_1000']:.3f} CPU 秒；按钟表 {taken['per_s']:,.0f} 条/秒（中间一批），机器忙时偏低"
    )
    lines.append((words, GOALS["ingest"], taken["per_cpu_s"] >= 10_000))
    memory = found["memory"]
    words = f"{memory['checks']} 项检查：探测器内存 {memory['rss_mb']:.1f} MB"
    lines.append((words, GOALS["rss"], memory["rss_mb"] < 60))
    print(
        f"\n裸套接字（只连接、发送、接收）每千次 {found['floor']:.3f} CPU 秒；"
        f"全链路是它的 {found['cost']['per_1000'] / found['floor']:.1f} 倍"
    )
    print(f"每次内容都不同的页面（逐次重新判定）：每千次 {found['changing']['per_1000']:.3f} CPU 秒")
    if "against" in found:
        pair = found["against"]
        print(
            f"与另一版本交替测量，每千次 {pair['here']:.3f} 对 {pair['there']:.3f} CPU 秒：{pair['ratio']:.2f} 倍"
        )
    for words, goal, good in lines:
        print(f"{words}  目标 {goal}  {'达标' if good else '未达标'}")
    return all(good for _, _, good in lines)


def _cost_line(cost: dict[str, float]) -> tuple[str, str, bool]:
    words = (
        f"全链路 {cost['per_s']:.0f} 次/秒：每千次 {cost['per_1000']:.3f} CPU 秒"
        f"（探测器 {cost['prober_per_1000']:.3f}，其余为接收与入库；内存 {cost['rss_mb']:.0f} MB，"
        f"迟到 p99 {cost['late_p99_ms']:.1f} ms，停止用时 {cost['stop_s']:.2f} 秒）"
    )
    return words, GOALS["cpu"], cost["per_1000"] <= 0.10


def _peer_line(other: dict[str, float], cost: dict[str, float]) -> tuple[str, str, bool]:
    ratio = other["per_1000"] / cost["per_1000"]
    words = (
        f"Prometheus + blackbox_exporter {other['per_s']:.0f}/{other['asked_per_s']} 次/秒：每千次 "
        f"{other['per_1000']:.3f} CPU 秒，内存 {other['rss_mb']:.0f} MB；是我们的 {ratio:.1f} 倍"
    )
    return words, GOALS["ratio"], ratio >= 14


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=float, default=15.0, help="每段测量的秒数")
    parser.add_argument("--rate", type=int, default=400, help="每秒检查数")
    parser.add_argument("--no-peer", action="store_true", help="不测 Prometheus + blackbox_exporter")
    parser.add_argument("--against", type=Path, help="另一版本的代码目录")
    parser.add_argument("--json", action="store_true")
    args = parser.parse_args()
    if not has_nginx():
        print("本机没有 nginx，无法测量（Debian：apt-get install nginx-light）。", file=sys.stderr)
        return 3
    with tempfile.TemporaryDirectory(prefix="taxops-bench-") as folder:
        processes = Processes(Path(folder))
        try:
            nginx, hang = Nginx(processes), Hang(processes)
            found: dict[str, Any] = {"cost": measure_cost(processes, nginx, args.rate, args.seconds)}
            found["changing"] = measure_cost(processes, nginx, args.rate, args.seconds / 2, "d")
            found["floor"] = floor.run(nginx, args.rate, 4.0)
            if args.against:
                found["against"] = measure_against(processes, nginx, args.rate, args.seconds, args.against)
            absent = peer.missing()
            if absent or args.no_peer:
                print(f"未测对照：{'、'.join(absent) or '按要求略过'}。", file=sys.stderr)
            else:
                found["peer"] = peer.run(processes, nginx, args.rate, args.seconds)
            found["hung"] = {
                str(t): measure_hung(processes, nginx, hang, min(args.seconds, 12.0), t) for t in (1.0, 5.0)
            }
            found["memory"] = measure_memory(processes, nginx, 5000, min(args.seconds, 15.0))
        finally:
            processes.end_all()
    found["ingest"] = measure_ingest(6)
    if args.json:
        print(json.dumps(found, ensure_ascii=False))
    return 0 if show(found) else 1


if __name__ == "__main__":
    sys.exit(main())
