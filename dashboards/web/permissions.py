"""Which page and export is for whom: one table, asked in one place (`gate`). What is not in it is for nobody."""

from __future__ import annotations

from typing import Literal, NamedTuple

from starlette.routing import compile_path

from collector.office.users import ROLES, Role

MASKED: frozenset[Role] = frozenset({"manager", "auditor"})
"""Roles that see outside numbers without their last digits, and no line as the PBX printed it."""
LONGEST_UPLOAD = 20 * 1024 * 1024
"""Bytes of a bill and its mapping."""

_ALL = frozenset(ROLES)
_FIGURES: frozenset[Role] = frozenset({"supervisor", "manager", "department-head", "auditor", "administrator"})
_CALLS: frozenset[Role] = _FIGURES | {"operator"}
_BILLS: frozenset[Role] = _FIGURES - {"department-head"}
_DESK: frozenset[Role] = frozenset({"operator", "supervisor", "administrator"})
_ADMINISTRATOR: frozenset[Role] = frozenset({"administrator"})
_TRAIL: frozenset[Role] = frozenset({"auditor", "administrator"})
_LINES: frozenset[Role] = frozenset({"technician", "administrator"})

MARKS: frozenset[Role] = _FIGURES - {"auditor"}
"""Roles that mark calls as private."""
DECIDES: frozenset[Role] = frozenset({"manager", "administrator"})
"""Roles that charge and waive violations, add to budgets and settle a year."""
REPAIRS: frozenset[Role] = frozenset({"technician", "supervisor", "administrator"})
"""Roles that repair and solve faults, plan and make inspection rounds."""
REPORTS: frozenset[Role] = REPAIRS | {"operator", "manager"}
"""Roles that report faults and note something about them."""
_EQUIPMENT: frozenset[Role] = REPORTS | {"auditor"}


class Permission(NamedTuple):
    """Who may have what is at a path: a page, an export that leaves the console, or what a form is sent to."""

    roles: frozenset[Role]
    kind: Literal["page", "export", "form"] = "page"
    longest: int = 64 * 1024
    """Bytes that may be sent to it."""


PERMISSIONS: dict[str, Permission] = {
    "/": Permission(_FIGURES),
    "/traffic": Permission(_FIGURES),
    "/answering": Permission(_FIGURES),
    "/calls": Permission(_CALLS),
    "/calls/{source}/{offset}": Permission(_CALLS),
    "/calls/saved": Permission(_CALLS, "form"),
    "/calls.csv": Permission(_FIGURES, "export"),
    "/calls.xlsx": Permission(_FIGURES, "export"),
    "/trunks": Permission(_FIGURES),
    "/cost": Permission(_FIGURES),
    "/violations": Permission(_FIGURES),
    "/violations.csv": Permission(_FIGURES, "export"),
    "/violations.xlsx": Permission(_FIGURES, "export"),
    "/budgets": Permission(_FIGURES),
    "/bills": Permission(_BILLS),
    "/bills/upload": Permission(_BILLS - {"auditor"}, "form", LONGEST_UPLOAD),
    "/bills/{number:int}": Permission(_BILLS),
    "/bills/{number:int}.csv": Permission(_BILLS, "export"),
    "/bills/{number:int}.xlsx": Permission(_BILLS, "export"),
    "/approvals": Permission(_CALLS),
    "/reports": Permission(_FIGURES),
    "/reports.pdf": Permission(_FIGURES, "export"),
    "/reports.xlsx": Permission(_FIGURES, "export"),
    "/reports.csv": Permission(_FIGURES, "export"),
    "/reports/{report}/{file}": Permission(_FIGURES, "export"),
    "/deposits": Permission(_DESK),
    "/deposits/{number:int}": Permission(_DESK, "export"),
    "/receipts/{number:int}": Permission(_DESK, "export"),
    "/missed": Permission(_DESK | {"manager", "department-head"}),
    "/desk": Permission(_DESK),
    "/live": Permission(_DESK),
    "/wallboard": Permission(_DESK),
    "/lines": Permission(_LINES),
    "/attach": Permission(_LINES),
    "/equipment": Permission(_EQUIPMENT),
    "/equipment.csv": Permission(_EQUIPMENT, "export"),
    "/equipment.xlsx": Permission(_EQUIPMENT, "export"),
    "/lines/{source}": Permission(_LINES),
    "/lines/{source}/{offset}": Permission(_LINES),
    "/account": Permission(_ALL),
    "/account/password": Permission(_ALL, "form"),
    "/account/factor": Permission(_ALL, "form"),
    "/account/sessions": Permission(_ALL, "form"),
    "/audit": Permission(_TRAIL),
    "/audit.csv": Permission(_TRAIL, "export"),
    "/users": Permission(_ADMINISTRATOR),
    "/users/change": Permission(_ADMINISTRATOR, "form"),
}

_PATTERNS = [(compile_path(path)[0], permission) for path, permission in PERMISSIONS.items()]


def permission_of(path: str) -> Permission | None:
    """The permission of an address's path; None where there is no such page."""
    return next((permission for pattern, permission in _PATTERNS if pattern.match(path)), None)


def may(role: Role, path: str) -> bool:
    """Whether a role may have what is at a path."""
    permission = permission_of(path)
    return permission is not None and role in permission.roles


def first_page(role: Role) -> str:
    """Where one of this role begins."""
    return next(path for path, permission in PERMISSIONS.items() if role in permission.roles)
