"""The decisions of identity (身份规则): pure functions of what is, what happened and now."""

from .assignments import (
    NOT_FOR_TOKENS,
    RESERVED,
    Held,
    clash_of_administrators,
    overlaps,
    reserved_problems,
)
from .imports import ImportPlan, ImportRow, OrgFacts, PlannedOrg, plan_import
from .logins import LockState, lock_state, session_verdict
from .organisations import MAX_PATH, code_problem, parse_day, parse_level, placing_problem, subtree_path
from .passwords import MAX_LENGTH as MAX_PASSWORD
from .passwords import password_age, password_problems
from .policies import LoginPolicy, PasswordPolicy, Policy, SessionPolicy
from .sorting import name_key, person_key

__all__ = [
    "MAX_PASSWORD",
    "MAX_PATH",
    "NOT_FOR_TOKENS",
    "RESERVED",
    "Held",
    "ImportPlan",
    "ImportRow",
    "LockState",
    "LoginPolicy",
    "OrgFacts",
    "PasswordPolicy",
    "PlannedOrg",
    "Policy",
    "SessionPolicy",
    "clash_of_administrators",
    "code_problem",
    "lock_state",
    "name_key",
    "overlaps",
    "parse_day",
    "parse_level",
    "password_age",
    "password_problems",
    "person_key",
    "placing_problem",
    "plan_import",
    "reserved_problems",
    "session_verdict",
    "subtree_path",
]
