"""What can be done with cases; each is one transaction that leaves an audit entry and tells people.

`open_new`, `take` (any step of the type), `assign`, `comment`, `watch`, `attach`, `detach`, `link`, `merge`,
`escalate` and `renew_open` (jobs), `rebuild`. Every one takes the scope first and `now` as an argument.
"""

from .assigning import assign, hand_on
from .attaching import CASE_FILE, attach, detach
from .escalating import ask_renewal, escalate, rebuild, renew_open
from .keeping import TOPIC
from .linking import link, merge
from .opening import open_new
from .taking import rehearse, take
from .talking import comment, note, watch

__all__ = [
    "CASE_FILE",
    "TOPIC",
    "ask_renewal",
    "assign",
    "attach",
    "comment",
    "detach",
    "escalate",
    "hand_on",
    "link",
    "merge",
    "note",
    "open_new",
    "rebuild",
    "rehearse",
    "renew_open",
    "take",
    "watch",
]
