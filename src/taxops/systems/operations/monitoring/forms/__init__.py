"""Forms of monitoring (运行监控表单)."""

from .checks import CheckForm, KindForm
from .storage import RetentionForm
from .systems import SystemForm, TemplateForm, TreeForm
from .windows import DecisionForm, ProberForm, RuleForm, WindowForm

__all__ = [
    "CheckForm",
    "DecisionForm",
    "KindForm",
    "ProberForm",
    "RetentionForm",
    "RuleForm",
    "SystemForm",
    "TemplateForm",
    "TreeForm",
    "WindowForm",
]
