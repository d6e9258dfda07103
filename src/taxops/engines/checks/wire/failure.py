"""Why an attempt failed, in words: the one exception of the wire, and errno and TLS errors put into Chinese."""

from __future__ import annotations

import errno
import os
import ssl

from taxops.engines.checks.model import Verdict


class Failed(Exception):
    """The attempt ends here (探测失败): the target's fault (`critical`) or the prober's own (`unknown`).

    Args:
        message: one Chinese sentence for the reader.
        verdict: what the check is to say.
    """

    def __init__(self, message: str, verdict: Verdict = Verdict.CRITICAL) -> None:
        super().__init__(message)
        self.message = message
        self.verdict = verdict


class DeadlineReached(BaseException):
    """Thrown into an attempt whose time is up (到时); no `except Exception` may hold it up."""


_OWN_FAULT = {
    errno.EMFILE: "探测器打开的文件数已达上限，请调高 LimitNOFILE",
    errno.ENFILE: "本机打开的文件数已达系统上限",
    errno.EADDRNOTAVAIL: "本机没有可用的端口或地址去连接",
    errno.ENOBUFS: "本机网络缓冲区已用尽",
    errno.ENOMEM: "本机内存不足",
    errno.EACCES: "本机不允许这样连接（权限不足）",
    errno.EPERM: "本机防火墙不允许这样连接",
}
_TARGET_FAULT = {
    errno.ECONNREFUSED: "连接被拒绝，端口上没有服务在监听",
    errno.ECONNRESET: "连接被对方重置",
    errno.EPIPE: "对方已关闭连接",
    errno.ECONNABORTED: "连接被中断",
    errno.ETIMEDOUT: "连接超时，对方没有回应",
    errno.EHOSTUNREACH: "主机不可达",
    errno.ENETUNREACH: "网络不可达",
    errno.ENOTCONN: "连接未建立",
    errno.ENOENT: "套接字文件不存在",
}
_VERIFY = {
    10: "证书已过期",
    9: "证书尚未生效",
    18: "证书是自签名的，不受信任",
    19: "证书链中含有不受信任的自签名证书",
    20: "找不到签发证书的机构，证书链不完整或不受信任",
    21: "无法验证证书的签发机构，证书链不完整",
    23: "证书已被吊销",
    26: "证书的用途不符",
    62: "证书中的名称与访问的主机名不符",
    64: "证书中的地址与访问的 IP 不符",
    66: "证书的密钥强度不足",
    67: "签发机构的密钥强度不足",
    68: "证书的签名算法强度不足",
}
_TLS_REASON = {
    "WRONG_VERSION_NUMBER": "对方返回的不是 TLS 数据，该端口可能不是 TLS 服务",
    "HTTP_REQUEST": "对方是明文 HTTP 服务，不是 TLS 服务",
    "UNSUPPORTED_PROTOCOL": "对方只支持过时的 TLS 版本",
    "TLSV1_ALERT_PROTOCOL_VERSION": "对方不接受本机提供的 TLS 版本",
    "SSLV3_ALERT_HANDSHAKE_FAILURE": "TLS 握手失败，双方没有共同的加密套件，或对方要求客户端证书",
    "TLSV13_ALERT_CERTIFICATE_REQUIRED": "对方要求客户端证书",
    "TLSV1_UNRECOGNIZED_NAME": "对方不认识所给的主机名（SNI）",
    "TLSV1_ALERT_INTERNAL_ERROR": "对方 TLS 内部错误",
    "UNEXPECTED_EOF_WHILE_READING": "TLS 握手时对方关闭了连接",
    "DH_KEY_TOO_SMALL": "对方的 DH 密钥强度不足",
    "RECORD_LAYER_FAILURE": "对方返回的不是有效的 TLS 数据",
    "PACKET_LENGTH_TOO_LONG": "对方返回的不是有效的 TLS 数据",
}


def of_os_error(error: OSError, doing: str) -> Failed:
    """Return the failure that an operating-system error means while `doing` something (Chinese phrase)."""
    if isinstance(error, ssl.SSLError):
        return of_tls_error(error, doing)
    number = error.errno or 0
    if number in _OWN_FAULT:
        return Failed(f"{doing}失败：{_OWN_FAULT[number]}。", Verdict.UNKNOWN)
    reason = _TARGET_FAULT.get(number) or (os.strerror(number) if number else str(error))
    return Failed(f"{doing}失败：{reason}。")


def verify_words(error: ssl.SSLCertVerificationError) -> str:
    """Return in Chinese why a certificate was not accepted."""
    code = getattr(error, "verify_code", 0)
    return _VERIFY.get(code) or f"证书验证失败（{getattr(error, 'verify_message', '') or error.reason}）"


def of_tls_error(error: ssl.SSLError, doing: str) -> Failed:
    """Return the failure that a TLS error means."""
    if isinstance(error, ssl.SSLCertVerificationError):
        return Failed(f"证书不可信：{verify_words(error)}。")
    if isinstance(error, ssl.SSLZeroReturnError | ssl.SSLEOFError):
        return Failed(f"{doing}失败：对方关闭了连接。")
    reason = error.reason or ""
    return Failed(f"{doing}失败：{_TLS_REASON.get(reason) or reason or 'TLS 错误'}。")
