"""`{% load taxops %}`: the kit's components in templates (模板组件)."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from django import forms, template
from django.template.context import RequestContext
from django.utils.safestring import SafeString

from taxops.web.kit import components, show
from taxops.web.kit.chart import Chart
from taxops.web.kit.tones import State, Tone

register = template.Library()


@register.simple_tag
def icon(name: str, label: str = "") -> SafeString:
    """Draw a Tabler icon: `{% icon "bell" %}`, `{% icon "bell" "告警" %}`."""
    return components.icon(name, label)


@register.simple_tag
def state(value: object, label: str = "", tone: str = "") -> SafeString:
    """Draw a state badge: `{% state check.state check.get_state_display %}`, `{% state "正常" tone="good" %}`."""
    if tone:
        return components.state(State(label or str(value), Tone(tone)))
    return components.state(value, label=label)


@register.simple_tag(takes_context=True)
def clock(
    context: Mapping[str, Any], due_at: datetime | None, near_minutes: int = 30, stopped: bool = False
) -> SafeString:
    """Draw a clock badge: `{% clock case.due_at %}`."""
    near = timedelta(minutes=near_minutes)
    return components.clock(due_at, context["now"], near=near, stopped=stopped)


@register.simple_tag(takes_context=True)
def when(context: Mapping[str, Any], value: datetime | None) -> SafeString:
    """Draw a time as `11-21 15:30`: `{% when check.changed_at %}`."""
    return components.when(value, context.get("now"))


@register.simple_tag
def duration(value: float | timedelta | None) -> SafeString:
    """Draw a duration in words: `{% duration outage.seconds %}`."""
    return components.duration(value)


@register.simple_tag
def money(fen: int | None) -> SafeString:
    """Draw an amount of 分 as 元: `{% money bill.fen %}`."""
    return components.money(fen)


@register.simple_tag
def org(value: object) -> SafeString:
    """Draw an organisation: `{% org check.org %}`."""
    return components.org(value)


@register.simple_tag
def tags(values: list[object]) -> SafeString:
    """Draw words as tags: `{% tags asset.labels %}`."""
    return components.tags(values)


@register.simple_tag
def sparkline(values: list[float | None]) -> SafeString:
    """Draw a tiny line: `{% sparkline check.recent %}`."""
    return components.sparkline(values)


@register.filter
def number(value: object, digits: int | None = None) -> str:
    """Write a number with thousands separators: `{{ n|number }}`, `{{ x|number:2 }}`."""
    return show.number(value, digits)


@register.filter
def percent(value: object, digits: int = 2) -> str:
    """Write a share as a percentage: `{{ share|percent }}`."""
    return show.percent(value, digits)


@register.filter
def filesize(value: float | None) -> str:
    """Write a file size in words: `{{ file.size|filesize }}`."""
    return show.size(value)


@register.filter
def day(value: datetime | None) -> str:
    """Write a date: `{{ d|day }}`."""
    return show.day(value)


@register.filter
def full(value: datetime | None) -> str:
    """Write a time to the second: `{{ t|full }}`."""
    return show.when_full(value)


@register.inclusion_tag("kit/chart.html", takes_context=True)
def chart(context: RequestContext, drawn: Chart) -> dict[str, Any]:
    """Draw a chart with unit, source and table: `{% chart availability %}`."""
    holder: Any = context.render_context
    holder["kit_charts"] = number_ = holder.get("kit_charts", 0) + 1
    return {
        "chart": drawn,
        "data": drawn.as_json(),
        "id": f"chart-{number_}-{abs(hash(drawn.title)) % 10**6}",
    }


_TEXT = (
    forms.TextInput, forms.NumberInput, forms.EmailInput, forms.URLInput, forms.PasswordInput,
    forms.DateInput, forms.DateTimeInput, forms.TimeInput, forms.Textarea, forms.FileInput,
)  # fmt: skip


@register.inclusion_tag("kit/field.html", takes_context=True)
def field(context: RequestContext, bound: forms.BoundField, unit: str = "") -> dict[str, Any]:
    """Draw a form field with label, help, error, required mark and unit: `{% field form.name %}`."""
    widget = bound.field.widget
    page = context.get("page")
    attributes: dict[str, Any] = {}
    kind = "other"
    if isinstance(widget, forms.CheckboxInput):
        kind, attributes["class"] = "check", "form-check-input"
    elif isinstance(widget, forms.RadioSelect | forms.CheckboxSelectMultiple):
        kind = "choices"
    elif isinstance(widget, forms.Select):
        attributes["class"] = "form-select"
    elif isinstance(widget, _TEXT):
        attributes["class"] = "form-control"
    if attributes and widget.attrs.get("class"):
        attributes["class"] += f" {widget.attrs['class']}"
    described = [f"{bound.id_for_label}-help"] if bound.help_text else []
    if bound.errors:
        attributes["class"] = f"{attributes.get('class', '')} is-invalid".strip()
        attributes["aria-invalid"] = "true"
        described.append(f"{bound.id_for_label}-error")
    if described:
        attributes["aria-describedby"] = " ".join(described)
    if isinstance(widget, forms.Textarea):
        attributes.setdefault("rows", widget.attrs.get("rows", 4))
    return {
        "field": bound,
        "kind": kind,
        "widget": bound.as_widget(attrs=attributes),
        "unit": unit or getattr(page, "units", {}).get(bound.name, ""),
        "required": bound.field.required,
    }
