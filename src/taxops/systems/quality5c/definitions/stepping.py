"""What is done to a version from a page (版本操作): one shape for indicators and models (提交、复核、退回、停用)."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, ClassVar

from taxops.engines.base import Scope
from taxops.systems.quality5c.lifecycle import Act, VersionState
from taxops.web.kit import ActionPage, Done, FormPage

from .forms import ReasonForm
from .queries import may_for_province

EDIT, REVIEW = "quality5c.edit", "quality5c.review"


@dataclass(frozen=True, slots=True)
class Versions:
    """Where versions of one kind live (版本所在): how they are found, decided on and shown.

    Args:
        find: version id → version.
        decide: the room's service that takes a step.
        detail: page of what the version is of; its steps are the pages `<detail>-<act>`.
        owner: attribute of the version that holds that thing's id.
    """

    find: Callable[[int], Any]
    decide: Callable[..., Any]
    detail: str
    owner: str

    def steps(self, scope: Scope, versions: Sequence[Any]) -> list[list[tuple[str, str]]]:
        """Return, for each version, `(page, label)` of the steps this reader may take with it now."""
        writes, reviews = may_for_province(scope, EDIT), may_for_province(scope, REVIEW)
        found = []
        for version in versions:
            own = version.author_id is not None and version.author_id == scope.actor_id
            acts = []
            if version.state in {VersionState.DRAFT, VersionState.TRIAL} and writes:
                acts.append(Act.SUBMIT)
            if version.state == VersionState.REVIEW and reviews and not own:
                acts += [Act.PUBLISH, Act.RETURN]
            if version.state == VersionState.LIVE and reviews:
                acts.append(Act.RETIRE)
            found.append([(f"{self.detail}-{act.value}", act.label) for act in acts])
        return found

    def done(self, page: Any, version: Any) -> Done:
        """Return what is said after a step, and where it leads."""
        to = page.url(self.detail, pk=getattr(version, self.owner)) + "?tab=versions"
        return Done(f"{version}：{VersionState.label_of(version.state)}。", to=to)


class VersionStep(ActionPage):
    """The root of a step that asks for nothing but a confirmation (版本操作)."""

    permission = EDIT
    versions: ClassVar[Versions]
    taken: ClassVar[Act] = Act.SUBMIT

    def load(self, scope: Scope, now: datetime, **kwargs: Any) -> Any:
        """Return the version."""
        return self.versions.find(kwargs["pk"])

    def act(self, scope: Scope, now: datetime, thing: Any, **kwargs: Any) -> Done:
        """Take the step."""
        return self.versions.done(self, self.versions.decide(scope, thing.pk, self.taken, now=now))


class VersionSentBack(FormPage):
    """The root of sending a version back, with the reason (退回修改)."""

    permission = REVIEW
    form = ReasonForm
    submit = "退回"
    versions: ClassVar[Versions]

    def load(self, scope: Scope, now: datetime, **kwargs: Any) -> Any:
        """Return the version."""
        return self.versions.find(kwargs["pk"])

    def initial(self, scope: Scope, now: datetime, thing: Any) -> Mapping[str, Any]:
        """Return nothing: the reason is the reviewer's own."""
        return {}

    def save(self, scope: Scope, now: datetime, data: Mapping[str, Any], thing: Any) -> Done:
        """Take the step."""
        version = self.versions.decide(scope, thing.pk, Act.RETURN, now=now, note=data["note"])
        return Done(f"{version} 已退回。", to=self.url("q5c-reviews"))
