"""The form of bands (基线): a line for each metric."""

from __future__ import annotations

from typing import Any

from django import forms

_SIDES = {"偏高": (True, False), "偏低": (False, True), "两侧": (True, True)}


class BandsForm(forms.Form):
    """Which metrics are compared with past weeks (设置基线)."""

    lines = forms.CharField(
        label="基线",
        required=False,
        max_length=2000,
        widget=forms.Textarea(attrs={"rows": 6}),
        help_text="每行一个指标：指标名 周数 宽度 偏高|偏低|两侧。后三项可省略，默认 4 周、4 倍、两侧。"
        "耗时写 duration_ms。例如：value 6 4 偏低",
    )

    def clean_lines(self) -> list[dict[str, Any]]:
        """Return the lines as rules; what their numbers may be is decided where they are stored."""
        found: list[dict[str, Any]] = []
        for number, line in enumerate(self.cleaned_data["lines"].splitlines(), 1):
            parts = line.split()
            if not parts:
                continue
            rule: dict[str, Any] = {"metric": parts[0]}
            try:
                if len(parts) > 1:
                    rule["weeks"] = int(parts[1][:6])
                if len(parts) > 2:
                    rule["width"] = float(parts[2][:12])
            except ValueError:
                raise forms.ValidationError(f"第 {number} 行的周数或宽度不是数字。") from None
            if len(parts) > 3:
                if parts[3] not in _SIDES or len(parts) > 4:
                    raise forms.ValidationError(f"第 {number} 行应以 偏高、偏低 或 两侧 结尾。")
                rule["high"], rule["low"] = _SIDES[parts[3]]
            found.append(rule)
        return found


def band_lines(bands: list[dict[str, Any]]) -> str:
    """Return stored rules as the form's lines."""
    words = {sides: word for word, sides in _SIDES.items()}
    return "\n".join(
        f"{band['metric']} {band['weeks']} {band['width']:g} {words[bool(band['high']), bool(band['low'])]}"
        for band in bands
    )
