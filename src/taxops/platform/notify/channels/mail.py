"""Mail (电子邮件) through the bureau's SMTP server, with a hard deadline."""

from __future__ import annotations

import smtplib
import socket
import ssl
from collections.abc import Mapping
from email.errors import HeaderParseError
from email.headerregistry import Address
from email.message import EmailMessage
from email.utils import format_datetime
from typing import Any

from taxops.engines.base import CHINA, BadInput

from .base import Answer, Field, Kind, Message, Receiver
from .deadline import Deadline
from .posting import in_words
from .webhook import VERIFY

_SHOWN = 100


class _Client(smtplib.SMTP):
    """An SMTP client whose line a deadline watches."""

    def __init__(self, deadline: Deadline, context: ssl.SSLContext | None) -> None:
        self._deadline = deadline
        self._wrap = context
        super().__init__(timeout=deadline.seconds, local_hostname="taxops.localdomain")

    def _get_socket(self, host: str, port: int, timeout: Any) -> socket.socket:
        line = self._deadline.connect(host, port)
        self._host = host
        return self._wrap.wrap_socket(line, server_hostname=host) if self._wrap else line


def compose(message: Message, values: Mapping[str, str], to: str) -> EmailMessage:
    """Return the mail for a message, in Chinese, plain text.

    Raises:
        ValueError: an address cannot stand in a mail.
    """
    mail = EmailMessage()
    mail["Subject"] = " ".join(message.heading.split())
    mail["From"] = Address(values["sender_name"], addr_spec=values["sender"])
    mail["To"] = Address(addr_spec=to)
    mail["Date"] = format_datetime(message.at.astimezone(CHINA))
    mail["Message-ID"] = f"<{message.id}@{values['sender'].rpartition('@')[2]}>"
    mail["Auto-Submitted"] = "auto-generated"
    mail.set_content(text(message), charset="utf-8")
    return mail


def text(message: Message) -> str:
    """Return the words of a message."""
    if len(message.entries) > 1:
        lines = [f"共 {len(message.entries)} 条通知：", ""]
        for entry in message.entries[:_SHOWN]:
            lines += [f"{entry.when}  {entry.heading}", *([entry.link] if entry.link else []), ""]
        if len(message.entries) > _SHOWN:
            lines.append(f"另有 {len(message.entries) - _SHOWN} 条，请登录平台查看。")
    else:
        lines = [message.title, "", message.body, "", f"时间：{message.when}"]
        if message.link:
            lines.append(f"详情：{message.link}")
    return "\n".join([*lines, "", "（本邮件由运维服务平台自动发送，请勿回复。）"])


def _context(values: Mapping[str, str]) -> ssl.SSLContext:
    context = ssl.create_default_context()
    if values["verify"] != "yes":
        context.check_hostname = False
        context.verify_mode = ssl.CERT_NONE
    return context


def _send(receiver: Receiver, message: Message) -> Answer:
    values = receiver.values
    try:
        mail = compose(message, values, receiver.to)
    except (ValueError, IndexError, HeaderParseError):
        return Answer(is_ok=False, text=f"收件地址「{receiver.to}」不正确。", is_final=True)
    with Deadline(receiver.timeout) as deadline:
        try:
            return _converse(deadline, values, mail)
        except smtplib.SMTPAuthenticationError as error:
            return Answer(is_ok=False, text=f"邮件服务器拒绝登录：{_said(error.smtp_code, error.smtp_error)}")
        except smtplib.SMTPRecipientsRefused as error:
            code, said = next(iter(error.recipients.values()))
            return Answer(is_ok=False, text=f"收件人被拒绝：{_said(code, said)}", is_final=500 <= code < 600)
        except smtplib.SMTPResponseException as error:
            code = error.smtp_code
            final = 500 <= code < 600 and not deadline.is_over
            if deadline.is_over or code == -1:
                words = in_words(ConnectionError(), is_over=deadline.is_over, timeout=receiver.timeout)
                return Answer(is_ok=False, text=words)
            return Answer(
                is_ok=False, text=f"邮件服务器拒绝：{_said(code, error.smtp_error)}", is_final=final
            )
        except smtplib.SMTPNotSupportedError:
            return Answer(is_ok=False, text="邮件服务器不支持所要求的加密或登录方式。")
        except (OSError, smtplib.SMTPException, ValueError) as error:
            if isinstance(error, smtplib.SMTPException):
                error = ConnectionError()
            return Answer(
                is_ok=False, text=in_words(error, is_over=deadline.is_over, timeout=receiver.timeout)
            )


def _converse(deadline: Deadline, values: Mapping[str, str], mail: EmailMessage) -> Answer:
    client = _Client(deadline, _context(values) if values["security"] == "tls" else None)
    try:
        client.connect(values["host"], int(values["port"]))
        if values["security"] == "starttls":
            client.starttls(context=_context(values))
        if values["username"]:
            client.login(values["username"], values["password"])
        client.send_message(mail)
    finally:
        client.close()
    return Answer(is_ok=True, text="邮件服务器已接收")


def _said(code: int, words: bytes | str) -> str:
    text_ = words.decode(errors="replace") if isinstance(words, bytes) else str(words)
    return f"{code} {' '.join(text_.split())[:200]}"


def _check(values: Mapping[str, str]) -> None:
    port = values["port"]
    if not (port.isascii() and port.isdigit() and 0 < int(port) < 65536):
        raise BadInput(f"端口「{port}」不正确。", "请填写 1 到 65535 之间的整数。", field="port")
    try:
        Address(addr_spec=values["sender"])
        usable = "@" in values["sender"] and values["sender"].isascii()
    except (ValueError, IndexError, HeaderParseError):
        usable = False
    if not usable:
        raise BadInput(f"发件地址「{values['sender']}」不正确。", "例如 notice@example.cn。", field="sender")


MAIL = Kind(
    code="smtp",
    label="电子邮件",
    fields=(
        Field("host", "邮件服务器"),
        Field("port", "端口", default="25"),
        Field(
            "security",
            "加密方式",
            default="none",
            choices=(("none", "不加密"), ("starttls", "STARTTLS"), ("tls", "TLS")),
        ),
        Field("username", "登录名", required=False),
        Field("password", "口令", secret=True, required=False),
        Field("sender", "发件地址"),
        Field("sender_name", "发件人名称", default="运维服务平台"),
        VERIFY,
    ),
    is_personal=True,
    send=_send,
    check=_check,
    place=lambda values: f"{values['host']}:{values['port']}",
    per_minute=120,
)
