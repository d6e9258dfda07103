"""Where a case is shown (事项地址): its own page when the cases room has one, else its queue."""

from __future__ import annotations

from typing import Any

from django.urls import reverse

from taxops.web.kit import Page

_CASE = "cases-case"


def case_url(pk: Any) -> str:
    """Return the address of a case's page."""
    if _CASE in Page.registry:
        return reverse(_CASE, kwargs={"pk": pk})
    return reverse("desk-queues")
