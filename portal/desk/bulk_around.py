"""What lies around the cases of a bulk act, read once for all of them: so that a thousand cost no more than one."""

import uuid
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Self

from portal.accounts.queries import called
from portal.accounts.values import Called
from portal.cases.merge_fields import Filled, fill
from portal.cases.responses import Response, find_response
from portal.cases.teams import Team, all_teams
from portal.cases.values import Case


@dataclass(frozen=True, slots=True)
class Around:
    """The teams, the residents and the template, as they are now."""

    teams: Mapping[str, Team]
    residents: Mapping[uuid.UUID, Called]
    template: Response | None

    @classmethod
    def read(cls, values: Mapping[str, str], cases: Collection[Case]) -> Self:
        """What an act with these values asks about these cases: three statements, however many they are."""
        return cls(
            {team.slug: team for team in all_teams(closed=True)},
            called({case.account_id for case in cases if case.account_id is not None}),
            _template(values.get("template", "")),
        )

    def resident(self, case: Case) -> Called | None:
        """Whose case it is; None once they are forgotten or their account is closed."""
        return self.residents.get(case.account_id) if case.account_id is not None else None

    def template_for(self, case: Case) -> Response | None:
        """The template, if it is in use and for this kind of case."""
        found = self.template
        if found is None or found.retired_at is not None:
            return None
        return found if found.service in ("", case.service) and found.type in ("", case.type) else None

    def filled(self, template: Response, case: Case, resident: Called) -> Filled:
        """The template's text for its resident, in their language."""
        team = self.teams.get(case.team)
        known = {
            "name": lambda: resident.name,
            "full_name": lambda: resident.full_name,
            "team": lambda: team.name if team else "",
        }
        return fill(template, case, resident.language, known)


def _template(typed: str) -> Response | None:
    try:
        return find_response(uuid.UUID(typed)) if typed else None
    except ValueError:
        return None
