"""The coded words of identity (代码表): levels, kinds, outcomes. Pure, so that rules may use them."""

from __future__ import annotations

from taxops.engines.base import Choices


class OrgLevel(Choices):
    """What sort of tax authority a unit is (机构层级), from the top down."""

    HQ = "hq", "总局"
    PROVINCE = "province", "省局"
    CITY = "city", "市/州局"
    COUNTY = "county", "县/区局"
    BRANCH = "branch", "分局/所"
    HALL = "hall", "办税服务厅"


class OrgChangeKind(Choices):
    """What happened to a unit (变动类型)."""

    CREATED = "created", "设立"
    RENAMED = "renamed", "更名"
    MOVED = "moved", "调整隶属"
    MERGED = "merged", "并入"
    CLOSED = "closed", "撤销"
    REOPENED = "reopened", "恢复"
    EDITED = "edited", "修改"


class PersonKind(Choices):
    """Whether an account belongs to a human being (账户类型)."""

    PERSON = "person", "人员"
    SERVICE = "service", "服务账户"


class RoleKind(Choices):
    """The sort of a role (角色类别); the three administrators (三员) exclude one another for one person."""

    NORMAL = "normal", "业务角色"
    SYSTEM_ADMIN = "system_admin", "系统管理员"
    SECURITY_ADMIN = "security_admin", "安全管理员"
    AUDIT_ADMIN = "audit_admin", "审计管理员"


class LoginOutcome(Choices):
    """How an attempt to sign in ended (登录结果)."""

    STARTED = "started", "已提交"
    FAILED = "failed", "口令错误"
    CODE_FAILED = "code_failed", "动态口令错误"
    REFUSED = "refused", "锁定期内被拒"
    INACTIVE = "inactive", "账户停用"
    PASSED = "passed", "口令通过"
    SUCCESS = "success", "成功"
    UNLOCKED = "unlocked", "人工解锁"


class SessionEnd(Choices):
    """Why a session ended (会话结束原因)."""

    LOGOUT = "logout", "本人退出"
    IDLE = "idle", "闲置超时"
    ABSOLUTE = "absolute", "超过最长时间"
    DISPLACED = "displaced", "在别处登录"
    REVOKED = "revoked", "被强制下线"
    PASSWORD = "password", "口令已修改"
    INACTIVE = "inactive", "账户停用"
