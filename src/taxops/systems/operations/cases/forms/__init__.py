"""Forms of cases (事项表单): made from the type's data, field by field."""

from .acting import AssignForm, AttachForm, CommentForm, LinkForm
from .typed import OpenForm, StepForm

__all__ = ["AssignForm", "AttachForm", "CommentForm", "LinkForm", "OpenForm", "StepForm"]
