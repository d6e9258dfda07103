"""The form of retention (保留期)."""

from __future__ import annotations

from django import forms


class RetentionForm(forms.Form):
    """How long what is kept (设置保留期)."""

    raw_days = forms.IntegerField(label="原始结果保留天数", min_value=2, max_value=90)
    note_days = forms.IntegerField(label="结果记录保留天数", min_value=7, max_value=730)
    rollup_days = forms.IntegerField(label="五分钟汇总保留天数", min_value=366, max_value=7305)
    change_days = forms.IntegerField(label="状态变化保留天数", min_value=1096, max_value=7305)
