"""Read what residents have reported. Whoever asks names the account; another's report does not exist for them."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import bindparam, select

from portal.kit import (
    Account,
    Address,
    Case,
    Draft,
    Lazy,
    NotFound,
    Refused,
    Status,
    Unavailable,
    case_path,
    cases_of,
    clock,
    gazetteer,
    get_case,
    get_draft,
    limit,
    open_drafts,
    session,
    settings_of,
)
from portal.kit import gettext as _
from services.reporting.models.reports import Report
from services.reporting.rules.categories import title_of
from services.reporting.rules.places import OUTSIDE, Point
from services.reporting.rules.where import said_of, whose
from services.reporting.settings.ground import Neighbour
from services.reporting.settings.reporting import ReportingSettings
from services.reporting.workflow import SERVICE, TAG_COLOURS, TagColour, status_called, who_gets_it

_BY_CASE = select(Report.place, Report.category).where(Report.case_id == bindparam("case"))
_PLACES = select(Report.case_id, Report.place).where(Report.case_id.in_(bindparam("cases", expanding=True)))


@dataclass(frozen=True, slots=True)
class ReportLine:
    """A report in a list."""

    case: Case
    place: str

    @property
    def reference(self) -> str:
        """What the resident may read over the telephone."""
        return self.case.reference

    @property
    def title(self) -> str:
        """What kind of problem it is, in words; its code where the council takes this kind no longer."""
        return title_of(self.case.summary or self.case.type)

    @property
    def status(self) -> Status:
        """Where it stands."""
        return status_of(self.case)

    @property
    def colour(self) -> TagColour:
        """The colour of the status's tag."""
        return TAG_COLOURS.get(self.case.status, "grey")

    @property
    def sent_at(self) -> datetime:
        """When it was sent."""
        return self.case.opened_at

    @property
    def due_on(self) -> date | None:
        """The day by which we promise to deal with it."""
        return self.case.due_at.astimezone(clock.LOCAL).date() if self.case.due_at else None

    @property
    def gets_it(self) -> str | Lazy:
        """To whom it goes, by the council's rules."""
        return who_gets_it(self.case.team)

    @property
    def path(self) -> str:
        """Its page."""
        return case_path(self.case.reference)


def status_of(case: Case) -> Status:
    """The words for where a case stands; its code for a status that was given up."""
    return status_called(case.status)


def get_own_draft(account: Account, draft_id: UUID) -> Draft:
    """The resident's draft of a report. Raises NotFound, also for a draft of another service."""
    draft = get_draft(account.id, draft_id)
    if draft.service != SERVICE:
        raise NotFound
    return draft


def find_open_draft(account: Account) -> Draft | None:
    """The report that the resident has begun to answer and not sent; the last touched of several."""
    return next((draft for draft in open_drafts(account.id, service=SERVICE) if draft.answers), None)


def find_addresses(account: Account, postcode: str) -> list[dict[str, Any]]:
    """The addresses in our area with that postcode, at least one, as a draft keeps them.

    Raises Refused, TooMany, Unavailable, each with a sentence on what to do instead.
    """
    settings = settings_of(ReportingSettings)
    limit(f"reporting.look_up:{account.id}", limit=settings.lookups_in_ten_minutes, seconds=600)
    try:
        found = gazetteer().by_postcode(postcode)
    except Unavailable:
        raise Unavailable(
            _("We cannot look up addresses at the moment. Try again later, or tell us where it is another way")
        ) from None
    if not found:
        raise Refused(
            _(
                "We know no address with this postcode. Check it, tell us where it is another way, or find the council"
                " for another area"
            )
        )
    return [
        {"uprn": address.uprn, "label": address.label, "lat": address.lat, "lon": address.lon}
        for address in those_of_ours(found)
    ]


def those_of_ours(found: Sequence[Address]) -> Sequence[Address]:
    """The addresses in our area, at least one. Raises Refused, and says who looks after them, if the map shows that."""
    settings = settings_of(ReportingSettings)
    places = [whose(Point(address.lat, address.lon), settings.area, settings.ground) for address in found]
    ours = [address for address, place in zip(found, places, strict=True) if isinstance(place, Point)]
    if not ours:
        other = next((place for place in places if isinstance(place, Neighbour)), None)
        raise Refused(said_of(other) if other else str(OUTSIDE))
    return ours


def get_report(account: Account, reference: str) -> ReportLine:
    """The resident's report, by its reference however it is typed. Raises NotFound."""
    case = get_case(account.id, reference)
    row = session().execute(_BY_CASE, {"case": case.id}).one_or_none()
    if row is None:  # a case of another service
        raise NotFound
    return ReportLine(case, row.place)


def reports_of(account: Account, *, most: int, after: str | None = None) -> tuple[Sequence[ReportLine], str | None]:
    """The resident's reports, newest first, and the mark where the next page begins, if there is one.

    `after` is such a mark, straight from the address: one that cannot be read means the first page.
    """
    found = cases_of(account.id, service=SERVICE, before=_read_mark(after), limit=most + 1)
    cases = found[:most]
    rows = session().execute(_PLACES, {"cases": [case.id for case in cases]})
    places = {row.case_id: row.place for row in rows}
    lines = [ReportLine(case, places.get(case.id, "")) for case in cases]
    return lines, _mark(cases[-1]) if len(found) > most else None


def _mark(case: Case) -> str:
    return f"{case.opened_at.isoformat()}~{case.id}"


def _read_mark(text: str | None) -> tuple[datetime, UUID] | None:
    at, _tilde, case_id = (text or "").partition("~")
    try:
        opened_at = datetime.fromisoformat(at)
        return (opened_at, UUID(case_id)) if opened_at.tzinfo else None
    except ValueError:
        return None
