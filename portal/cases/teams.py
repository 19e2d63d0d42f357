"""The teams that have cases on their lists: those that services declare, and what the council makes of them.

A row stands above a declaration of the same slug: so a council names its teams as it likes, closes some, adds others.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from sqlalchemy import Row, bindparam, select, update
from sqlalchemy.dialects.postgresql import insert

from portal import clock
from portal.audit.operations import record
from portal.cases.rule_models import TeamRow
from portal.cases.types import declared_teams
from portal.db.session import session
from portal.errors import NotFound, Refused
from portal.web.languages import current_language, using
from portal.web.languages import gettext as _

LONGEST_TITLE: Final = 80
_SLUG: Final = re.compile(r"[a-z][a-z0-9_]{0,39}")
_COLUMNS = (TeamRow.slug, TeamRow.title, TeamRow.title_cy, TeamRow.closed_at)
_ALL = select(*_COLUMNS).order_by(TeamRow.slug)
_ONE = select(*_COLUMNS).where(TeamRow.slug == bindparam("slug"))


@dataclass(frozen=True, slots=True)
class Team:
    """A team. Residents see its title, in their language."""

    slug: str
    title: str
    title_cy: str
    closed_at: datetime | None

    @property
    def name(self) -> str:
        """The title in the language of whoever reads it."""
        return self.title_cy if current_language() == "cy" and self.title_cy else self.title

    @property
    def is_closed(self) -> bool:
        """Whether it gets no more cases."""
        return self.closed_at is not None


def all_teams(*, closed: bool = False) -> Sequence[Team]:
    """The teams by title; those that are closed too, if asked for."""
    known = _declared() | {row.slug: _team(row) for row in session().execute(_ALL)}
    teams = sorted(known.values(), key=lambda team: (team.name.casefold(), team.slug))
    return [team for team in teams if closed or not team.is_closed]


def find_team(slug: str) -> Team | None:
    """The team of that slug, closed or not."""
    row = session().execute(_ONE, {"slug": slug}).one_or_none()
    return _team(row) if row else _declared().get(slug)


def team_name(slug: str) -> str:
    """What the team is called, in the language of whoever reads it; the slug of a team that nobody knows."""
    team = find_team(slug) if slug else None
    return team.name if team else slug


def get_open_team(slug: str) -> Team:
    """The team of that slug. Raises NotFound, Refused when it is closed."""
    team = find_team(slug)
    if team is None:
        raise NotFound
    if team.is_closed:
        raise Refused(_("This team takes no more cases."))
    return team


def write_down(team: Team) -> None:
    """Give a team that is only declared a row, so that a rule can name it."""
    values = {"slug": team.slug, "title": team.title, "title_cy": team.title_cy, "closed_at": team.closed_at}
    session().execute(insert(TeamRow).values(values).on_conflict_do_nothing())


def save_team(actor: str, *, slug: str, title: str, title_cy: str = "") -> Team:
    """The team with these titles, made if there is none. A closed one is open again."""
    if not _SLUG.fullmatch(slug) or not 1 <= len(title) <= LONGEST_TITLE or len(title_cy) > LONGEST_TITLE:
        raise ValueError("a team has a slug of lower-case letters and titles of at most 80 characters")
    titles = {"title": title, "title_cy": title_cy, "closed_at": None}
    statement = insert(TeamRow).values(slug=slug, **titles).on_conflict_do_update(index_elements=["slug"], set_=titles)
    row = session().execute(statement.returning(*_COLUMNS)).one()
    record("team.saved", actor=actor, subject=f"team:{slug}")
    return _team(row)


def close_team(actor: str, slug: str) -> None:
    """No more cases for this team: rules that name it decide nothing. What it has stays on its list.

    Raises NotFound.
    """
    team = find_team(slug)
    if team is None:
        raise NotFound
    write_down(team)
    session().execute(update(TeamRow).where(TeamRow.slug == slug).values(closed_at=clock.now()))
    record("team.closed", actor=actor, subject=f"team:{slug}")


def _declared() -> dict[str, Team]:
    with using("en"):
        titles = {slug: str(title) for slug, title in declared_teams().items()}
    with using("cy"):
        return {slug: Team(slug, titles[slug], str(title), None) for slug, title in declared_teams().items()}


def _team(row: Row[*tuple[Any, ...]]) -> Team:
    return Team(**row._mapping)
