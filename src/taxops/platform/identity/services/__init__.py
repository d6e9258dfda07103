"""Use cases of identity (身份与权限的业务操作): one transaction each; `scope` and `now` are arguments."""

from .imports import import_orgs, import_row, numbered, preview_org_import
from .login import LockedOut, LoginRefused, LoginStep, check_code, demo_login, enrolled, lock_of
from .login import check as check_login
from .organisations import close_org, create_org, edit_org, merge_org, move_org
from .passwords import change_password, password_days_left
from .people import (
    activate,
    create_person,
    deactivate,
    edit_own_details,
    edit_person,
    reset_password,
    unlock,
)
from .roles import create_role, edit_role, grant, revoke, seed_roles
from .scopes import anonymous, scope_for
from .second_factor import enrol, new_secret, provisioning_uri, renew_recovery_codes
from .second_factor import is_required as second_factor_required
from .second_factor import reset as reset_second_factor
from .sessions import begin as begin_session
from .sessions import end as end_session
from .sessions import end_by as end_session_by
from .sessions import resume as resume_session
from .tidying import tidy
from .tokens import TokenRefused, authenticate, create_token, revoke_token

__all__ = [
    "LockedOut",
    "LoginRefused",
    "LoginStep",
    "TokenRefused",
    "activate",
    "anonymous",
    "authenticate",
    "begin_session",
    "change_password",
    "check_code",
    "check_login",
    "close_org",
    "create_org",
    "create_person",
    "create_role",
    "create_token",
    "deactivate",
    "demo_login",
    "edit_org",
    "edit_own_details",
    "edit_person",
    "edit_role",
    "end_session",
    "end_session_by",
    "enrol",
    "enrolled",
    "grant",
    "import_orgs",
    "import_row",
    "lock_of",
    "merge_org",
    "move_org",
    "new_secret",
    "numbered",
    "password_days_left",
    "preview_org_import",
    "provisioning_uri",
    "renew_recovery_codes",
    "reset_password",
    "reset_second_factor",
    "resume_session",
    "revoke",
    "revoke_token",
    "scope_for",
    "second_factor_required",
    "seed_roles",
    "tidy",
    "unlock",
]
