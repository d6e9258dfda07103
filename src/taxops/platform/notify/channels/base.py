"""What a kind of channel is: its parameters, and a function that carries one message."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from taxops.engines.base import CHINA, BadInput
from taxops.platform.notify.rules import Severity


@dataclass(frozen=True, slots=True)
class Field:
    """One parameter of a channel (渠道参数).

    Args:
        secret: kept encrypted and shown masked.
        choices: `(code, 中文)` pairs, when not free.
    """

    name: str
    label: str
    secret: bool = False
    required: bool = True
    default: str = ""
    choices: Sequence[tuple[str, str]] = ()
    help: str = ""


@dataclass(frozen=True, slots=True)
class Message:
    """One message as it goes out (消息).

    Args:
        id: the same whenever the same message is tried again, so that receivers can tell.
        entries: more than one when several notices were folded into it.
    """

    id: str
    severity: str
    title: str
    body: str
    link: str
    at: datetime
    entries: Sequence[Message] = field(default_factory=tuple)

    @property
    def heading(self) -> str:
        """The title with its severity, or how many notices are folded in here."""
        label = Severity.label_of(self.severity)
        if len(self.entries) > 1:
            return f"【{label}】合并通知 {len(self.entries)} 条"
        return f"【{label}】{self.title}"

    @property
    def when(self) -> str:
        """The time in China."""
        return self.at.astimezone(CHINA).strftime("%Y-%m-%d %H:%M:%S")


@dataclass(frozen=True, slots=True)
class Receiver:
    """Where a message goes and with what (投递参数): a channel's parameters, secrets opened."""

    to: str
    values: Mapping[str, str]
    timeout: float = 15.0


@dataclass(frozen=True, slots=True)
class Answer:
    """What came of one attempt (投递应答).

    Args:
        text: what the other side said, in words, without secrets.
        is_final: trying again cannot help.
        retry_after: how many seconds the other side asks us to wait.
    """

    is_ok: bool
    text: str
    is_final: bool = False
    retry_after: float | None = None


@dataclass(frozen=True, slots=True)
class Kind:
    """A kind of channel (渠道类型).

    Args:
        is_personal: messages go to a person's own address; otherwise to the one place the channel names.
        send: carries a message; answers, never raises, for whatever the other side does.
        place: says in words, without secrets, where a shared channel leads.
    """

    code: str
    label: str
    fields: Sequence[Field]
    is_personal: bool
    send: Callable[[Receiver, Message], Answer]
    check: Callable[[Mapping[str, str]], None]
    place: Callable[[Mapping[str, str]], str]
    per_minute: int = 20

    def accept(self, values: Mapping[str, str]) -> dict[str, str]:
        """Return the parameters, complete with defaults.

        Raises:
            BadInput: one is missing, unknown, or cannot be used.
        """
        known = {item.name: item for item in self.fields}
        unknown = sorted(set(values) - set(known))
        if unknown:
            raise BadInput(f"{self.label}没有名为「{unknown[0]}」的参数。", f"可用的有：{'、'.join(known)}。")
        complete = {name: str(values.get(name, "")).strip() or item.default for name, item in known.items()}
        for name, item in known.items():
            if item.required and not complete[name]:
                raise BadInput(f"请填写「{item.label}」。", item.help, field=name)
            if item.choices and complete[name] not in dict(item.choices):
                options = "、".join(label for _, label in item.choices)
                raise BadInput(f"「{item.label}」只能是：{options}。", field=name)
            if "\n" in complete[name] or "\r" in complete[name]:
                raise BadInput(f"「{item.label}」不能换行。", field=name)
        self.check(complete)
        return complete


def shorten(text: str, limit: int) -> str:
    """Return text of at most `limit` bytes in UTF-8, cut between characters and marked when cut."""
    raw = text.encode()
    if len(raw) <= limit:
        return text
    return raw[: limit - 6].decode(errors="ignore") + "……"
