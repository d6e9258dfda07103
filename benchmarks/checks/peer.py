"""The peer: Prometheus with blackbox_exporter, each target every second, one rule on the results."""

from __future__ import annotations

import json
import shutil
import time

from checks.processes import Processes, cpu_s, free_port, rss_mb, wait_for
from checks.targets import KEYWORD, Nginx

PROGRAMS = ("prometheus", "prometheus-blackbox-exporter")


def missing() -> list[str]:
    """Return which of the peer's programmes this machine does not have."""
    return [name for name in PROGRAMS if not shutil.which(name)]


def run(processes: Processes, nginx: Nginx, count: int, seconds: float) -> dict[str, float]:
    """Return what the peer needs at the highest of some rates that it keeps up with.

    On a machine too small or too busy for it, it falls behind, times out and burns CPU for nothing;
    that would not be a fair figure, so it is then asked for less.
    """
    found: dict[str, float] = {}
    for rate in (count, count // 4, count // 10):
        found = _run_at(processes, nginx, rate, seconds)
        if found["per_s"] >= 0.9 * rate:
            break
    return found


def _run_at(processes: Processes, nginx: Nginx, count: int, seconds: float) -> dict[str, float]:
    """Return checks made, CPU seconds and memory of both processes together."""
    folder = processes.folder / f"peer{count}"
    folder.mkdir()
    blackbox_port, port = free_port(), free_port()
    (folder / "blackbox.yml").write_text(
        "modules:\n  page:\n    prober: http\n    timeout: 5s\n    http:\n      preferred_ip_protocol: ip4\n"
        f'      fail_if_body_not_matches_regexp: ["{KEYWORD}"]\n'
    )
    targets = json.dumps([{"targets": nginx.urls(count)}])
    (folder / "targets.json").write_text(targets)
    (folder / "rules.yml").write_text(
        "groups:\n- name: g\n  rules:\n  - alert: Down\n    expr: probe_success == 0\n    for: 3s\n"
    )
    (folder / "prometheus.yml").write_text(
        f"""global: {{scrape_interval: 1s, scrape_timeout: 1s, evaluation_interval: 1s}}
rule_files: [{folder}/rules.yml]
scrape_configs:
- job_name: page
  metrics_path: /probe
  params: {{module: [page]}}
  file_sd_configs: [{{files: [{folder}/targets.json]}}]
  relabel_configs:
  - {{source_labels: [__address__], target_label: __param_target}}
  - {{source_labels: [__param_target], target_label: instance}}
  - {{target_label: __address__, replacement: "127.0.0.1:{blackbox_port}"}}
"""
    )
    blackbox = processes.start(
        "blackbox",
        [
            PROGRAMS[1],
            f"--config.file={folder}/blackbox.yml",
            f"--web.listen-address=127.0.0.1:{blackbox_port}",
            "--log.level=error",
        ],
    )
    wait_for(f"http://127.0.0.1:{blackbox_port}/")
    prometheus = processes.start(
        "prometheus",
        [PROGRAMS[0], f"--config.file={folder}/prometheus.yml", f"--storage.tsdb.path={folder}/data",
         f"--web.listen-address=127.0.0.1:{port}", "--log.level=error"],
    )  # fmt: skip
    wait_for(f"http://127.0.0.1:{port}/-/ready", 30)
    time.sleep(4)
    before, cpu = nginx.requests(), cpu_s(blackbox.pid) + cpu_s(prometheus.pid)
    began = time.monotonic()
    time.sleep(seconds)
    took = time.monotonic() - began
    made = nginx.requests() - before
    used = cpu_s(blackbox.pid) + cpu_s(prometheus.pid) - cpu
    memory = rss_mb(blackbox.pid) + rss_mb(prometheus.pid)
    processes.end(prometheus)
    processes.end(blackbox)
    return {
        "asked_per_s": count,
        "made": made,
        "per_s": made / took,
        "cpu_s": used,
        "per_1000": 1000 * used / max(1, made),
        "rss_mb": memory,
    }
