"""Forms of cases (事项表单): made from the type's data, field by field; and those of target databases."""

from .acting import AssignForm, AttachForm, CommentForm, LinkForm
from .targets import SettleForm, TargetEditForm, TargetForm
from .typed import OpenForm, StepForm

__all__ = [
    "AssignForm",
    "AttachForm",
    "CommentForm",
    "LinkForm",
    "OpenForm",
    "SettleForm",
    "StepForm",
    "TargetEditForm",
    "TargetForm",
]
