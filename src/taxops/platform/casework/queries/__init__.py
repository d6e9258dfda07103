"""What casework can be asked; the scope is always an argument, each list has a fixed number of queries."""

from .listing import (
    OPEN,
    VIEW,
    QueueCount,
    due_first,
    list_cases,
    my_queues,
    my_work,
    open_with,
    queue_counts,
    tone_at,
)
from .one import (
    CaseView,
    attachments,
    by_number,
    comments,
    escalations_of,
    find,
    get,
    is_watched,
    kind_of,
    links,
    view,
)
from .seeing import roles_of, visible

__all__ = [
    "OPEN",
    "VIEW",
    "CaseView",
    "QueueCount",
    "attachments",
    "by_number",
    "comments",
    "due_first",
    "escalations_of",
    "find",
    "get",
    "is_watched",
    "kind_of",
    "links",
    "list_cases",
    "my_queues",
    "my_work",
    "open_with",
    "queue_counts",
    "roles_of",
    "tone_at",
    "view",
    "visible",
]
