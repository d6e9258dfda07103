"""The demonstration of the desk: canned answers, what came in today, a dispatch for the engineer's phone."""

from __future__ import annotations

from datetime import datetime, timedelta

from taxops.engines.base import Scope
from taxops.platform.casework import services as casework
from taxops.platform.identity.models import OrgUnit, Person

from . import services
from .models import CannedAnswer

_ANSWERS = (
    (
        "更换证书",
        "您的税务UKey 证书已过期。请携带营业执照和经办人身份证到主管办税服务厅更换，更换后重新登录即可。",
    ),
    (
        "同步延迟",
        "发票开具后 30 分钟内可能尚未同步，属正常现象。请稍后再查；超过 1 小时仍查不到的请回复发票号码。",
    ),
    ("已转二线", "您反映的问题需要二线专家分析，已转办。我们会在 2 个工作小时内答复，请保持电话畅通。"),
)
_TALK = """王会计 {day} 09:12:33
您好，在吗
王会计 {day} 09:12:50
红字信息表传不上去，提示 E1024。麻烦看看
林晓岩 {day} 09:15:02
收到，我看一下
"""


def _as(username: str) -> Scope:
    person = Person.objects.filter(username=username).first()
    name = person.display_name if person else "演示"
    return Scope(person.pk if person else None, name, {}, via="cli", is_system=True)


def seed(_scope: Scope, now: datetime) -> None:
    """Fill the demonstration of the desk; repeating it changes nothing."""
    org = OrgUnit.objects.filter(level="province", valid_to=None).order_by("code").first()
    if org is None or CannedAnswer.objects.exists():
        return
    engineer = _as("engineer")
    for title, body in _ANSWERS:
        services.save_answer(engineer, now=now, title=title, body=body, org_id=org.pk)
    asked = now - timedelta(minutes=40)
    services.receive(
        engineer, now=now - timedelta(minutes=38), org_id=org.pk, key="demo-desk-0001", at=asked,
        conversation=_TALK.format(day=asked.strftime("%Y-%m-%d")),
        values={
            "type_code": "request", "title": "红字信息表传不上去，提示 E1024", "requester": "王会计",
            "channel": "wechat",
            "description": "王会计：红字信息表传不上去，提示 E1024。", "urgency": "normal",
        },
    )  # fmt: skip
    services.receive(
        engineer, now=now - timedelta(hours=3), org_id=org.pk, key="demo-desk-0002",
        answer="开具后 30 分钟内属正常同步延迟，请稍后再查。",
        values={"type_code": "request", "title": "查不到上午开的发票", "requester": "陈先生", "channel": "hotline"},
    )  # fmt: skip
    job = services.receive(
        engineer, now=now - timedelta(hours=2), org_id=org.pk, key="demo-desk-0003",
        values={
            "type_code": "field", "title": "叫号机黑屏不出号", "requester": "南关区办税服务厅",
            "contact": "1990000888",
            "channel": "phone", "description": "一号叫号机开机无显示，已重启两次。", "hall": "南关区办税服务厅",
        },
    )  # fmt: skip
    casework.take(engineer, now=now - timedelta(minutes=110), case_id=job.pk, step="accept")
    told = {"remote_result": "远程重启无效，判断为电源或显示线故障", "engineer": engineer.actor_name}
    casework.take(engineer, now=now - timedelta(minutes=100), case_id=job.pk, step="dispatch", data=told)
