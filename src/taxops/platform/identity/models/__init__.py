"""The nouns of identity (身份): organisations, people, roles, sessions, tokens, login attempts."""

from taxops.platform.identity.terms import (
    LoginOutcome,
    OrgChangeKind,
    OrgLevel,
    PersonKind,
    RoleKind,
    SessionEnd,
)

from .access import ApiToken, LoginAttempt, PersonSession
from .organisations import OrgChange, OrgUnit
from .people import PasswordRecord, Person, RecoveryCode
from .roles import Role, RoleAssignment

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
