"""The nouns of identity (身份): organisations, people, roles, sessions, tokens, login attempts."""

from .access import ApiToken, LoginAttempt, LoginOutcome, PersonSession, SessionEnd
from .organisations import OrgChange, OrgChangeKind, OrgLevel, OrgUnit
from .people import PasswordRecord, Person, PersonKind, RecoveryCode
from .roles import Role, RoleAssignment, RoleKind

__all__ = [
    "ApiToken",
    "LoginAttempt",
    "LoginOutcome",
    "OrgChange",
    "OrgChangeKind",
    "OrgLevel",
    "OrgUnit",
    "PasswordRecord",
    "Person",
    "PersonKind",
    "PersonSession",
    "RecoveryCode",
    "Role",
    "RoleAssignment",
    "RoleKind",
    "SessionEnd",
]
