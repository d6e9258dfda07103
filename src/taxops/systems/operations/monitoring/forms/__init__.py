"""Forms of monitoring (运行监控表单)."""

from .bands import BandsForm, band_lines
from .checks import CheckForm, KindForm
from .dependencies import DependencyForm
from .storage import RetentionForm
from .systems import SystemForm, TemplateForm, TreeForm
from .windows import ProberForm, RuleForm, WindowForm

__all__ = [
    "BandsForm",
    "CheckForm",
    "DependencyForm",
    "KindForm",
    "ProberForm",
    "RetentionForm",
    "RuleForm",
    "SystemForm",
    "TemplateForm",
    "TreeForm",
    "WindowForm",
    "band_lines",
]
