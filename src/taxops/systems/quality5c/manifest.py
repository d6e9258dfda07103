"""What quality5c plugs in (税收征管质量5C监控评价)."""

from __future__ import annotations

from taxops.web.manifest import Manifest, MenuItem, Permission

from .definitions import headquarters, impact
from .definitions import views as definitions
from .evaluation import views as evaluation
from .external import queries as batches
from .external import views as external
from .linkage import views as linkage
from .maps import views as maps
from .modelling import queries as models
from .modelling import views as modelling
from .proposals import views as proposals
from .recounts import views as recounts
from .revisions import views as revisions
from .signals import views as signals
from .timing import views as timing

impact.asks(models.uses_of)
headquarters.asks(batches.sat_values)

_VIEW, _EDIT = "quality5c.view", "quality5c.edit"

MANIFEST = Manifest(
    code="quality5c",
    title="征管质量 5C",
    icon="chart-radar",
    duty=_EDIT,
    pages=[
        *evaluation.PAGES,
        *definitions.PAGES,
        *recounts.PAGES,
        *modelling.PAGES,
        *external.PAGES,
        *linkage.PAGES,
        *revisions.PAGES,
        *signals.PAGES,
        *maps.PAGES,
        *proposals.PAGES,
        *timing.PAGES,
    ],
    menu=[
        MenuItem("综合评级", "q5c-ratings", _VIEW, "trophy"),
        MenuItem("分类分级", "q5c-tiers", _VIEW, "layout-grid"),
        MenuItem("分单位概览", "q5c-units", _VIEW, "building"),
        MenuItem("指标结果", "q5c-figures", _VIEW, "table"),
        MenuItem("指标预警", "q5c-signals", _VIEW, "bell-ringing"),
        MenuItem("总局联动", "q5c-linkage", _EDIT, "arrows-diff"),
        MenuItem("评价方案", "q5c-schemes", _VIEW, "clipboard-list"),
        MenuItem("模型试算", "q5c-trials", _EDIT, "flask"),
        MenuItem("待复核", "q5c-reviews", _VIEW, "checklist"),
        MenuItem("指标配置", "q5c-indicators", _VIEW, "ruler-measure"),
        MenuItem("个性化指标", "q5c-proposals", _VIEW, "inbox"),
        MenuItem("指标试跑", "q5c-tries", _EDIT, "player-play"),
        MenuItem("模型配置", "q5c-models", _VIEW, "sitemap"),
        MenuItem("方案模板", "q5c-templates", _VIEW, "template"),
        MenuItem("定时评价", "q5c-timed", _EDIT, "clock"),
        MenuItem("外部数据", "q5c-batches", "quality5c.import", "upload"),
    ],
    permissions=[
        Permission(_VIEW, "查看征管质量评价", "征管质量 5C"),
        Permission(_EDIT, "编制指标、模型、方案，试算", "征管质量 5C"),
        Permission("quality5c.review", "复核、启用、发布", "征管质量 5C"),
        Permission("quality5c.answer", "答复本单位的指标预警", "征管质量 5C"),
        Permission("quality5c.import", "导入外部数据", "征管质量 5C"),
        Permission("quality5c.drill", "下钻到明细记录（脱敏，留痕）", "征管质量 5C"),
    ],
    job_modules=["taxops.systems.quality5c.jobs"],
    demo="taxops.systems.quality5c.demo",
)
