"""Real servers for the kinds, started once a session; where the machine has none, a skip that says so."""

from __future__ import annotations

import datetime
import os
import shutil
import socket
import ssl
import subprocess
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass
from ipaddress import ip_address
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from taxops.project.embedded import free_port
from tests.engines.checks.kinds.ssh_server import SshServer

ON_CI = bool(os.environ.get("CI"))


def program(name: str) -> str:
    """Return the path of a server programme; without it the test is skipped aloud, or fails on CI."""
    found = shutil.which(name, path=os.environ.get("PATH", "") + ":/usr/sbin:/sbin")
    if not found:
        message = f"本机没有 {name}，对真实服务的测试未运行"
        if ON_CI:
            pytest.fail(message)
        pytest.skip(message)
    return found


def wait_open(port: int) -> None:
    until = time.monotonic() + 10
    while time.monotonic() < until:
        try:
            socket.create_connection(("127.0.0.1", port), 1).close()
        except OSError:
            time.sleep(0.02)
        else:
            return
    raise TimeoutError(port)


@pytest.fixture(scope="session")
def nginx(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Yield the base address of a real nginx with a page and `/status`."""
    path = program("nginx")
    folder = tmp_path_factory.mktemp("nginx")
    folder.chmod(0o755)
    port = free_port()
    (folder / "index.html").write_text("<title>电子税务局</title>")
    user = "user root;" if os.geteuid() == 0 else ""
    (folder / "nginx.conf").write_text(
        f"""{user} daemon off; worker_processes 1; pid {folder}/pid; error_log {folder}/error.log;
events {{ worker_connections 256; }}
http {{ access_log off; client_body_temp_path {folder}/a; proxy_temp_path {folder}/b;
  fastcgi_temp_path {folder}/c; uwsgi_temp_path {folder}/d; scgi_temp_path {folder}/e;
  server {{ listen 127.0.0.1:{port}; root {folder};
    location /status {{ stub_status; }}
    location /moved {{ return 301 /index.html; }} }} }}
"""
    )
    child = subprocess.Popen(
        [path, "-c", str(folder / "nginx.conf"), "-p", str(folder)], stderr=subprocess.DEVNULL
    )
    wait_open(port)
    yield f"http://127.0.0.1:{port}"
    child.terminate()
    child.wait(10)


@pytest.fixture(scope="session")
def redis_port(tmp_path_factory: pytest.TempPathFactory) -> Iterator[int]:
    """Yield the port of a real Redis with the password `only-for-tests`."""
    path = program("redis-server")
    folder = tmp_path_factory.mktemp("redis")
    port = free_port()
    child = subprocess.Popen(
        [path, "--port", str(port), "--bind", "127.0.0.1", "--dir", str(folder), "--save", "",
         "--requirepass", "only-for-tests", "--maxmemory", "100mb"],
        stdout=subprocess.DEVNULL,
    )  # fmt: skip
    wait_open(port)
    yield port
    child.terminate()
    child.wait(10)


@dataclass
class Certificate:
    """A certificate with its key, and the authority that signed it."""

    chain: Path
    authority: Path


class Authority:
    """Signs certificates for tests."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.key = ec.generate_private_key(ec.SECP256R1())
        self.name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "测试机构")])
        self.path = folder / "ca.pem"
        now = datetime.datetime.now(datetime.UTC)
        made = (
            x509.CertificateBuilder()
            .subject_name(self.name)
            .issuer_name(self.name)
            .public_key(self.key.public_key())
            .serial_number(1)
            .not_valid_before(now - datetime.timedelta(days=400))
            .not_valid_after(now + datetime.timedelta(days=400))
            .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
            .add_extension(x509.SubjectKeyIdentifier.from_public_key(self.key.public_key()), critical=False)
            .sign(self.key, hashes.SHA256())
        )
        self.path.write_bytes(made.public_bytes(serialization.Encoding.PEM))

    def issue(self, *names: str, days: float, self_signed: bool = False) -> Certificate:
        key = ec.generate_private_key(ec.SECP256R1())
        now = datetime.datetime.now(datetime.UTC)
        subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, names[0])])
        alternatives: list[x509.GeneralName] = []
        for name in names:
            try:
                alternatives.append(x509.IPAddress(ip_address(name)))
            except ValueError:
                alternatives.append(x509.DNSName(name))
        made = (
            x509.CertificateBuilder()
            .subject_name(subject)
            .issuer_name(subject if self_signed else self.name)
            .public_key(key.public_key())
            .serial_number(x509.random_serial_number())
            .not_valid_before(now - datetime.timedelta(days=100))
            .not_valid_after(now + datetime.timedelta(days=days))
            .add_extension(x509.SubjectAlternativeName(alternatives), critical=False)
            .sign(key if self_signed else self.key, hashes.SHA256())
        )
        path = self.folder / f"{made.serial_number:x}.pem"
        path.write_bytes(
            key.private_bytes(
                serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
            )
            + made.public_bytes(serialization.Encoding.PEM)
        )
        return Certificate(path, self.path)


@pytest.fixture(scope="session")
def authority(tmp_path_factory: pytest.TempPathFactory) -> Authority:
    return Authority(tmp_path_factory.mktemp("ca"))


class TlsServer:
    """Speaks TLS with a certificate and answers one HTTP page per connection."""

    def __init__(self, certificate: Certificate, *, newest: ssl.TLSVersion | None = None) -> None:
        self.context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        self.context.load_cert_chain(certificate.chain)
        if newest is not None:
            self.context.maximum_version = newest
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.port = self.listener.getsockname()[1]
        self.resumed: list[bool] = []
        threading.Thread(target=self._work, daemon=True).start()

    def _work(self) -> None:
        while True:
            try:
                plain, _ = self.listener.accept()
            except OSError:
                return
            try:
                plain.settimeout(5)
                with self.context.wrap_socket(plain, server_side=True) as connection:
                    self.resumed.append(bool(connection.session_reused))
                    if connection.recv(65536):
                        connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok")
                        connection.unwrap()
            except (OSError, ssl.SSLError):
                plain.close()

    def close(self) -> None:
        self.listener.close()


@pytest.fixture(scope="session")
def ssh_server() -> Iterator[SshServer]:
    """Yield an SSH server that knows `ops` with the password `only-for-tests`."""
    server = SshServer()
    yield server
    server.close()
