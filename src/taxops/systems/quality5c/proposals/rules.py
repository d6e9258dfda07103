"""The life of a proposal (提议状态): 草稿 → 待审 → 已采纳 | 退回修改 | 不予采纳; 撤回 ends it. Pure."""

from __future__ import annotations

from collections.abc import Iterable
from enum import Enum

from taxops.engines.base import BadInput, Choices, Conflict, NotPermitted


class ProposalState(Choices):
    """How far a proposal is (提议状态)."""

    DRAFT = "draft", "草稿"
    SUBMITTED = "submitted", "待审"
    ADOPTED = "adopted", "已采纳"
    RETURNED = "returned", "退回修改"
    REJECTED = "rejected", "不予采纳"
    WITHDRAWN = "withdrawn", "已撤回"


class Step(Choices):
    """What is done to a proposal (办理)."""

    SUBMIT = "submit", "提交"
    WITHDRAW = "withdraw", "撤回"
    ADOPT = "adopt", "采纳"
    RETURN = "return", "退回修改"
    REJECT = "reject", "不予采纳"


class Who(Enum):
    """Who may take a step (由谁办理): the author himself, or somebody else of the province."""

    AUTHOR = "author"
    PROVINCE = "province"


EDITABLE = frozenset({ProposalState.DRAFT, ProposalState.RETURNED})
_OPEN = frozenset({*EDITABLE, ProposalState.SUBMITTED})
_WAITING = frozenset({ProposalState.SUBMITTED})
_STEPS: dict[Step, tuple[frozenset[ProposalState], ProposalState, Who]] = {
    Step.SUBMIT: (EDITABLE, ProposalState.SUBMITTED, Who.AUTHOR),
    Step.WITHDRAW: (_OPEN, ProposalState.WITHDRAWN, Who.AUTHOR),
    Step.ADOPT: (_WAITING, ProposalState.ADOPTED, Who.PROVINCE),
    Step.RETURN: (_WAITING, ProposalState.RETURNED, Who.PROVINCE),
    Step.REJECT: (_WAITING, ProposalState.REJECTED, Who.PROVINCE),
}
TONES = {
    "draft": "plain", "submitted": "warning", "adopted": "good", "returned": "active", "rejected": "bad",
    "withdrawn": "suspended",
}  # fmt: skip
"""State → tone of the pages."""


def decided_by(step: Step) -> Who:
    """Return who may take a step."""
    return _STEPS[step][2]


def may(step: Step, state: str, *, author_id: int | None, actor_id: int | None) -> bool:
    """Test whether somebody may take a step now, his permission aside."""
    allowed, _, who = _STEPS[step]
    own = author_id is not None and author_id == actor_id
    return ProposalState(state) in allowed and own is (who is Who.AUTHOR)


def after(
    step: Step, state: str, *, author_id: int | None, actor_id: int | None, answer: str
) -> ProposalState:
    """Return the state after a step.

    Raises:
        Conflict: the state does not allow it.
        NotPermitted: somebody else submits or withdraws, or the author decides on his own proposal.
        BadInput: a decision without a word for the unit that proposed it.
    """
    allowed, then, who = _STEPS[step]
    if ProposalState(state) not in allowed:
        raise Conflict(
            f"这个提议是「{ProposalState.label_of(state)}」，不能{step.label}。", "请刷新页面，查看当前状态。"
        )
    own = author_id is not None and author_id == actor_id
    if who is Who.AUTHOR and not own:
        raise NotPermitted(f"只有提议人可以{step.label}。", "请联系提议人。")
    if who is Who.PROVINCE and own:
        raise NotPermitted("不能审核自己提出的指标。", "请由省局另一位有复核权限的人员办理。")
    if who is Who.PROVINCE and not answer.strip():
        raise BadInput("请填写审核意见。", "提议单位会看到。", field="answer")
    return then


def check_editable(state: str, *, author_id: int | None, actor_id: int | None) -> None:
    """Do nothing when a proposal's content may still be changed by this person.

    Raises:
        Conflict: it waits for an answer, or has got one. NotPermitted: it is somebody else's.
    """
    if ProposalState(state) not in EDITABLE:
        raise Conflict(
            f"这个提议是「{ProposalState.label_of(state)}」，内容不能再改。", "待审的可先撤回，再另行提议。"
        )
    if author_id is None or author_id != actor_id:
        raise NotPermitted("只有提议人可以修改。", "请联系提议人。")


def free_code(taken: Iterable[str]) -> str:
    """Return the first code for an own indicator that nobody uses yet.

    >>> free_code(["C101", "G001", "G003"])
    'G002'
    """
    known = set(taken)
    number = 1
    while f"G{number:03d}" in known:
        number += 1
    return f"G{number:03d}"


def copied(text: str, old: str, new: str) -> str:
    """Return a definition's text under a new code, as a first version and without the old one's examples.

    >>> print(copied('[[indicator]]\\ncode = "C1"\\nversion = 3\\n[[indicator.tests]]\\nnum = 1', "C1", "G001"))
    [[indicator]]
    code = "G001"
    version = 1
    <BLANKLINE>
    """
    lines, example = [], False
    for line in text.splitlines():
        if line.startswith("["):
            example = line.strip() == "[[indicator.tests]]"
        if example:
            continue
        key = line.partition("=")[0].strip()
        if key == "code":
            lines.append(line.replace(f'"{old}"', f'"{new}"', 1))
        elif key == "version":
            lines.append("version = 1")
        else:
            lines.append(line)
    return "\n".join(lines).strip() + "\n"
