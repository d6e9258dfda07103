"""Folding history into the present (折叠): the case is what its events say, in the order of fact."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from taxops.engines.base import BadInput

from .model import Case, Event, Vote

KINDS = ("open", "move", "vote", "edit", "assign", "policy", "note", "attach")
"""Kinds of events (事件种类)."""


def in_order(events: Iterable[Event]) -> list[Event]:
    """Return events in the order of fact; what happened at one instant keeps the order of entry."""
    return sorted(events, key=lambda event: (event.at, event.seq))


def fold(events: Sequence[Event]) -> Case:  # noqa: C901  # one flat walk over the kinds
    """Return what a history comes to; the same history always gives the same case.

    Moves carry the states they lead from and to, so that a type that changed later changes no past.

    Raises:
        BadInput: no opening, an unknown kind, something before the opening, a move from a state that the
            case was not in at that instant.
    """
    ordered = in_order(events)
    if not ordered or ordered[0].kind != "open":
        raise BadInput("事项的历史没有以发起开头，或有事件早于发起。", "发生时间不得早于发起时间。")
    state = type_code = queue = policy = ""
    data: dict[str, object] = {}
    steps: list[Event] = []
    done_by: dict[str, set[int | None]] = {}
    since: set[str] = set()
    votes: dict[str, list[Vote]] = {}
    assignee: int | None = None
    attachments = reopened = 0
    for event in ordered:
        kind, said = event.kind, event.data
        if kind == "open":
            if steps:
                raise BadInput("事项的历史里有两次发起。")
            type_code, state, policy = said["type"], said["state"], said["policy"]
            queue = said.get("queue", "")
            steps.append(event)
            done_by["open"] = {event.actor_id}
        elif kind == "move":
            if said["from"] != state:
                raise BadInput("按发生时间排列后，流转的先后不成立。", "请核对发生时间，它不能早于前一步。")
            state = said["to"]
            steps.append(event)
            done_by.setdefault(said["step"], set()).add(event.actor_id)
            if said.get("reopens"):
                since, votes, reopened = set(), {}, reopened + 1
            since.add(said["step"])
        elif kind == "vote":
            votes.setdefault(said["step"], []).append(
                Vote(event.actor_id, event.actor_name, event.at, said["digest"])
            )
            done_by.setdefault(said["step"], set()).add(event.actor_id)
        elif kind == "assign":
            assignee = said.get("to")
            queue = said.get("queue", queue)
        elif kind == "policy":
            policy = said["policy"]
        elif kind == "attach":
            attachments += -1 if said.get("removed") else 1
        elif kind not in KINDS:
            raise BadInput(f"不认识的事件「{kind}」。")
        data.update(said.get("form", {}))
        for name in [name for name, value in data.items() if value is None]:
            del data[name]
    return Case(
        type=type_code,
        state=state,
        data=data,
        opened_at=ordered[0].at,
        last_seq=max(event.seq for event in ordered),
        steps=tuple(steps),
        done_by={step: frozenset(people) for step, people in done_by.items()},
        since_reopen=frozenset(since),
        votes={step: tuple(given) for step, given in votes.items()},
        assignee=assignee,
        queue=queue,
        policy=policy,
        attachments=attachments,
        reopened=reopened,
        keys=frozenset(event.key for event in ordered if event.key),
    )
