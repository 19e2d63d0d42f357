"""Which role may open which page of the desk: made from the marks on the views, so it cannot differ from the code."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final, cast

from flask import Flask

from portal.staff.gate import PREFIX
from portal.staff.rights import ANY, needed
from portal.staff.values import ROLES, Right, Role
from portal.web.access import is_public

OPEN: Final = "open"
NOBODY: Final = "nobody"


@dataclass(frozen=True, slots=True)
class AccessRow:
    """One way to one page of the desk. `needs` is a right, `ANY`, `OPEN`, or `NOBODY` for a view without a mark."""

    rule: str
    method: str
    endpoint: str
    needs: str
    roles: tuple[Role, ...]
    """Those that may. What a case, a team or an area allows besides is looked at by the page itself."""


def access_table(app: Flask) -> Sequence[AccessRow]:
    """A row for each address under /desk and each method, in the order of the addresses."""
    rows = [
        AccessRow(rule.rule, method, rule.endpoint, needs, allowed(needs))
        for rule in app.url_map.iter_rules()
        if rule.rule == PREFIX or rule.rule.startswith(f"{PREFIX}/")
        for method in sorted((rule.methods or set()) - {"HEAD", "OPTIONS"})
        for needs in (_needs(app, rule.endpoint),)
    ]
    return sorted(rows, key=lambda row: (row.rule, row.method))


def allowed(needs: str) -> tuple[Role, ...]:
    """The roles that open a view with this mark."""
    if needs in (OPEN, ANY):
        return tuple(ROLES)
    return tuple(role for role, rights in ROLES.items() if cast(Right, needs) in rights)


def as_markdown(rows: Sequence[AccessRow]) -> str:
    """The table for people and for a file: one line a row."""
    head = ["Address", "Method", "Needs", *ROLES]
    lines = [f"| {' | '.join(head)} |", f"|{'---|' * len(head)}"]
    for row in rows:
        marks = ["yes" if role in row.roles else "" for role in ROLES]
        lines.append(f"| {' | '.join([f'`{row.rule}`', row.method, row.needs, *marks])} |")
    return "\n".join(lines) + "\n"


def _needs(app: Flask, endpoint: str) -> str:
    if is_public(app, endpoint):
        return OPEN
    return needed(app, endpoint) or NOBODY
