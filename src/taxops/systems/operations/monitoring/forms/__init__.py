"""Forms of monitoring (运行监控表单)."""

from .checks import CheckForm, KindForm
from .systems import SystemForm, TemplateForm, TreeForm
from .windows import AcknowledgeForm, DecisionForm, ProberForm, WindowForm

__all__ = [
    "AcknowledgeForm",
    "CheckForm",
    "DecisionForm",
    "KindForm",
    "ProberForm",
    "SystemForm",
    "TemplateForm",
    "TreeForm",
    "WindowForm",
]
