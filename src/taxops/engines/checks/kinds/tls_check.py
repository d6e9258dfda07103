"""Kind `tls` (证书): expiry, chain, name and parameters of a TLS endpoint.

The chain is judged by a handshake that verifies; when that fails a second one fetches the certificate
anyway, so that an expired one is still described.
"""

from __future__ import annotations

import ipaddress
from dataclasses import dataclass
from typing import Any

from taxops.engines.checks.model import Verdict
from taxops.engines.checks.wire import Attempt, Failed, open_stream, socket_address, tls_context, verify_words

from .declaration import Fact, Finding, Kind, Param, Wanted
from .places import host_and_port


@dataclass(frozen=True, slots=True)
class Plan:
    """Which endpoint under which name (证书检查计划)."""

    host: str
    port: int
    address: tuple[int, Any] | None
    name: str
    ca_file: str


def prepare(wanted: Wanted) -> Plan:
    """Return the plan of a check.

    Raises:
        BadInput: the address cannot be used.
    """
    host, port = host_and_port(wanted.target, 443)
    name = wanted.params["server_name"] or host
    return Plan(host, port, socket_address(host, port), name, wanted.params["ca_file"] or "")


@dataclass(slots=True)
class _Seen:
    der: bytes
    version: str
    cipher: str
    bits: int


async def _shake(attempt: Attempt, plan: Plan, *, verify: bool) -> _Seen:
    stream = await open_stream(attempt, plan.host, plan.port, plan.address)
    try:
        attempt.begin("tls")
        try:
            context = tls_context(verify=verify, ca_file=plan.ca_file, check_name=False)
        except OSError as error:
            raise Failed(f"读不出受信任机构的文件 {plan.ca_file}：{error}。", Verdict.UNKNOWN) from error
        sock = await stream.start_tls(context, plan.name)
        attempt.mark("tls", "tls")
        cipher = sock.cipher() or ("", "", 0)
        return _Seen(sock.getpeercert(binary_form=True) or b"", sock.version() or "", cipher[0], cipher[2])
    finally:
        stream.close()


def name_matches(name: str, patterns: list[str]) -> bool:
    """Test whether a host name or IP address is covered by the names of a certificate.

    A star stands for one whole label on the left and nothing else.

    >>> name_matches("a.demo.test", ["*.demo.test"]), name_matches("a.b.demo.test", ["*.demo.test"])
    (True, False)
    """
    try:
        wanted = str(ipaddress.ip_address(name))
    except ValueError:
        wanted = ""
    name = name.rstrip(".").lower()
    for pattern in patterns:
        pattern = pattern.rstrip(".").lower()
        if wanted:
            if pattern == wanted:
                return True
        elif pattern == name or (
            pattern.startswith("*.") and pattern.count(".") > 1 and name.partition(".")[2] == pattern[2:]
        ):
            return True
    return False


def certificate_facts(der: bytes, name: str, now_ms: int) -> dict[str, Any]:
    """Return what a certificate says, for a host name at an instant.

    Raises:
        Failed: the bytes are no certificate.
    """
    from cryptography import x509  # 10 MB that only probers with certificate checks need
    from cryptography.exceptions import UnsupportedAlgorithm
    from cryptography.hazmat.primitives.asymmetric import ec, rsa

    try:
        certificate = x509.load_der_x509_certificate(der)
        not_after = certificate.not_valid_after_utc
        not_before = certificate.not_valid_before_utc
        subject = certificate.subject.rfc4514_string()
        issuer = certificate.issuer.rfc4514_string()
    except ValueError as error:
        raise Failed(f"对方的证书无法解析：{error}。") from error
    names: list[str] = []
    try:
        extension = certificate.extensions.get_extension_for_class(x509.SubjectAlternativeName)
        names = [str(value) for value in extension.value.get_values_for_type(x509.DNSName)]
        names += [str(value) for value in extension.value.get_values_for_type(x509.IPAddress)]
    except (x509.ExtensionNotFound, ValueError, x509.DuplicateExtension):
        common = certificate.subject.get_attributes_for_oid(x509.NameOID.COMMON_NAME)
        names = [str(item.value) for item in common]
    key_bits = 0
    key_type = "未知"
    try:
        key = certificate.public_key()
        if isinstance(key, rsa.RSAPublicKey):
            key_type, key_bits = "RSA", key.key_size
        elif isinstance(key, ec.EllipticCurvePublicKey):
            key_type, key_bits = "EC", key.key_size
    except (UnsupportedAlgorithm, ValueError):  # SM2 certificates: the key is not readable, the rest is
        key_type = "SM2 或其他"
    return {
        "cert_days": (not_after.timestamp() * 1000 - now_ms) / 86_400_000,
        "cert_started_days": (now_ms - not_before.timestamp() * 1000) / 86_400_000,
        "cert_name_ok": name_matches(name, names),
        "cert_names": names,
        "cert_subject": subject,
        "cert_issuer": issuer,
        "cert_serial": f"{certificate.serial_number:x}",
        "cert_not_after": not_after.isoformat(),
        "self_signed": subject == issuer,
        "key_type": key_type,
        "key_bits": key_bits,
    }


async def run(attempt: Attempt, plan: Plan) -> Finding:
    """Shake hands and return what the certificate says.

    Raises:
        Failed: the endpoint does not speak TLS.
    """
    reason = ""
    try:
        seen = await _shake(attempt, plan, verify=True)
    except Failed as failure:
        cause = failure.__cause__
        if not hasattr(cause, "verify_code"):
            raise
        reason = verify_words(cause)  # type: ignore[arg-type]  # an SSLCertVerificationError: it has the code
        attempt.note("证书链未通过验证", reason=reason)
        seen = await _shake(attempt, plan, verify=False)
    facts = certificate_facts(seen.der, plan.name, attempt.wall_ms)
    days = facts["cert_days"]
    facts |= {
        "cert_chain_ok": not reason,
        "tls_version": seen.version,
        "cipher": seen.cipher,
        "cipher_bits": seen.bits,
        "duration_ms": attempt.elapsed_ms,
        "tls_ms": attempt.phases.get("tls", 0.0),
    }
    problem = ""
    if days < 0:
        problem = f"证书已过期 {-days:.1f} 天。"
    elif facts["cert_started_days"] < 0:
        problem = "证书尚未生效。"
    shown = dict(facts)
    if reason:
        shown["cert_chain_reason"] = reason
    return Finding(
        facts,
        f"{seen.version}，证书剩余 {days:.1f} 天" + (f"（{reason}）" if reason else ""),
        {"cert_days": round(days, 2), "key_bits": float(facts["key_bits"])},
        problem,
        lambda: shown,
    )


KIND = Kind(
    name="tls",
    title="证书",
    help="检查 TLS 端点的证书：剩余天数、证书链、名称、签发者、TLS 版本与密钥强度。",
    target_label="主机与端口",
    target_help="例如 etax.example.cn:443；不写端口时为 443。",
    params=(
        Param("server_name", "主机名", help="SNI 与名称核对用；留空用检查对象中的。"),
        Param("ca_file", "受信任机构文件", help="探测器上的 PEM 文件路径；留空用系统自带的。"),
    ),
    facts=(
        Fact("cert_days", "证书剩余天数", "天"),
        Fact("cert_started_days", "证书已生效天数", "天"),
        Fact("cert_chain_ok", "证书链是否可信"),
        Fact("cert_name_ok", "证书名称是否与主机名相符"),
        Fact("cert_names", "证书上的名称"),
        Fact("cert_subject", "证书主体"),
        Fact("cert_issuer", "签发者"),
        Fact("cert_serial", "序列号"),
        Fact("cert_not_after", "到期时间"),
        Fact("self_signed", "是否自签名"),
        Fact("key_type", "密钥类型"),
        Fact("key_bits", "密钥长度", "位"),
        Fact("tls_version", "TLS 版本"),
        Fact("cipher", "加密套件"),
        Fact("cipher_bits", "加密强度", "位"),
        Fact("duration_ms", "总耗时", "毫秒"),
        Fact("tls_ms", "TLS 握手耗时", "毫秒"),
    ),
    conditions=("cert_chain_ok and cert_name_ok", "cert_days > 7"),
    warnings=("cert_days > 30",),
    prepare=prepare,
    loop_run=run,
    verified_against="nginx 1.22、OpenSSL 3.0",
)
