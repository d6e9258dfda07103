"""Cases (事项): anything with a lifecycle. Its type is data; its history is the truth; nothing here keeps state.

`read_type` reads and checks a type; `open_case` and `decide` turn (type, history, who, what, when) into new
events or a `Refused` with its reason; `fold` says what a history comes to; `faces`, `escalations` and `explain`
say what its clocks come to. Spec: operations §4.3, §5.2. GX:111-330, GX:405-500, JL:59-77, JL:125-177.
"""

from .clocks import Calendars, Due, Face, escalations, face, faces
from .deciding import decide, local_day, months_later, offered, open_case, valid_votes
from .explaining import explain, moment
from .folding import fold, in_order
from .model import (
    Actor,
    Asked,
    Case,
    CaseType,
    ClockRule,
    ClockSpec,
    Condition,
    Event,
    Field,
    FieldKind,
    Phase,
    Refused,
    Rung,
    State,
    Transition,
    Vote,
    WaitReason,
)
from .reading import read_type
from .values import check_value, digest_of, meets, shown

__all__ = [
    "Actor",
    "Asked",
    "Calendars",
    "Case",
    "CaseType",
    "ClockRule",
    "ClockSpec",
    "Condition",
    "Due",
    "Event",
    "Face",
    "Field",
    "FieldKind",
    "Phase",
    "Refused",
    "Rung",
    "State",
    "Transition",
    "Vote",
    "WaitReason",
    "check_value",
    "decide",
    "digest_of",
    "escalations",
    "explain",
    "face",
    "faces",
    "fold",
    "in_order",
    "local_day",
    "meets",
    "moment",
    "months_later",
    "offered",
    "open_case",
    "read_type",
    "shown",
    "valid_votes",
]
