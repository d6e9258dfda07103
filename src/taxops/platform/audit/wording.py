"""How the trail's codes are said in Chinese (审计用语): `check.edit` is 检查项：修改."""

from __future__ import annotations

KINDS = {
    "agreement": "可用性约定", "deliverable": "交付物", "exclusion": "剔除",
    "alert": "告警", "api_key": "接口密钥", "asset": "资产", "asset_type": "资产类型", "audit": "审计日志",
    "channel": "通知渠道", "check": "检查项", "file": "文件", "heartbeat": "心跳", "job": "后台作业",
    "lab": "演练环境", "monitored-system": "被监控系统", "org": "机构", "org_import": "机构导入",
    "outage": "中断", "person": "人员", "prober": "探测器", "relation": "资产关系", "role": "角色",
    "assignment": "授权", "schedule": "定时计划", "session": "会话", "token": "接口令牌", "window": "维护窗口",
}  # fmt: skip

VERBS = {
    "acknowledge": "确认", "add": "新建", "approve": "批准", "archive": "归档", "cancel": "取消",
    "close": "关闭", "copy": "复制", "create": "新建", "delete": "删除", "disable": "停用", "edit": "修改",
    "enable": "启用", "end": "终止", "export": "导出", "grant": "授权", "import": "导入", "lock": "锁定",
    "login": "登录", "login_failed": "登录失败", "logout": "退出", "move": "划转", "org_import": "导入机构",
    "pause": "暂停", "password": "修改口令", "register": "登记", "reject": "驳回", "remove": "移除",
    "rename": "更名", "request": "申请", "reset": "重置", "resume": "恢复", "retry": "重试",
    "revoke": "撤销", "run": "立即执行", "seal": "封签", "store": "上传", "unlock": "解锁", "update": "修改",
    "verify": "校验", "break": "制造故障", "heal": "恢复服务",
}  # fmt: skip

VIAS = {"page": "页面", "api": "接口", "job": "后台作业", "cli": "命令行"}


def kind_words(kind: str) -> str:
    """Return the Chinese word of a kind of thing (对象类型), or its code.

    >>> kind_words("check"), kind_words("new_thing")
    ('检查项', 'new_thing')
    """
    return KINDS.get(kind, kind)


def action_words(action: str) -> str:
    """Return an action in Chinese (操作), or its code.

    >>> action_words("check.edit"), action_words("check.frobnicate")
    ('修改', 'check.frobnicate')
    """
    return VERBS.get(action.rpartition(".")[2], action)
