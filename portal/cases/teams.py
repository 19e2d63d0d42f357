"""The teams that have cases on their lists."""

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
from portal.db.session import session
from portal.errors import NotFound, Refused
from portal.web.languages import current_language
from portal.web.languages import gettext as _

LONGEST_TITLE: Final = 80
_SLUG: Final = re.compile(r"[a-z][a-z0-9_]{0,39}")
_COLUMNS = (TeamRow.slug, TeamRow.title, TeamRow.title_cy, TeamRow.closed_at)
_ALL = select(*_COLUMNS).order_by(TeamRow.title, TeamRow.slug)
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
    teams = [_team(row) for row in session().execute(_ALL)]
    return teams if closed else [team for team in teams if not team.is_closed]


def find_team(slug: str) -> Team | None:
    """The team of that slug, closed or not."""
    row = session().execute(_ONE, {"slug": slug}).one_or_none()
    return _team(row) if row else None


def get_open_team(slug: str) -> Team:
    """The team of that slug. Raises NotFound, Refused when it is closed."""
    team = find_team(slug)
    if team is None:
        raise NotFound
    if team.is_closed:
        raise Refused(_("This team takes no more cases."))
    return team


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
    statement = update(TeamRow).where(TeamRow.slug == slug).values(closed_at=clock.now()).returning(TeamRow.slug)
    if session().execute(statement).one_or_none() is None:
        raise NotFound
    record("team.closed", actor=actor, subject=f"team:{slug}")


def _team(row: Row[*tuple[Any, ...]]) -> Team:
    return Team(**row._mapping)
