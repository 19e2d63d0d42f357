"""What residents do with reports, and what the service does with them afterwards."""

import logging
from contextlib import suppress
from datetime import timedelta
from typing import IO
from uuid import UUID

from sqlalchemy import ColumnElement, func, select, update

from portal.kit import (
    Account,
    Case,
    CaseEvent,
    Draft,
    NotFound,
    Refused,
    clock,
    delete_file,
    discard_draft,
    finish_draft,
    get_account,
    get_case,
    hold_draft,
    job,
    keep_file,
    limit,
    move_case,
    open_case,
    open_drafts,
    receive,
    save_answers,
    session,
    settings_of,
    start_draft,
    tell,
)
from portal.kit import gettext as _
from services.reporting import queries
from services.reporting.models import Report
from services.reporting.rules.journey import Step, first_missing, place_of
from services.reporting.rules.places import Place, cell_of, find_ward
from services.reporting.settings import ReportingSettings
from services.reporting.workflow import JOURNEY, KEPT_DAYS, SERVICE, get_category, type_of, why_not_taken

log = logging.getLogger(__name__)

ACTOR = "system:reporting"
HOUR, DAY = 3600, 24 * 3600
UNSENT_PHOTO_DAYS = 90
"""How long the photo of a draft is kept: longer than a draft that nobody touches."""
AT_ONCE = 500
LATE_AFTER = timedelta(hours=1)
WITHOUT_THE_PERSON = {"account_id": None, "place": "", "uprn": None, "description": "", "photo_id": None}


def begin_report(account: Account) -> Draft:
    """A draft to answer in: an empty one that is there already, or a new one. Raises Refused when they are too many."""
    unsent = open_drafts(account.id, service=SERVICE)
    empty = next((draft for draft in unsent if not draft.answers), None)
    return empty or start_draft(account, service=SERVICE, journey=JOURNEY)


def discard_report(account: Account, *, draft_id: UUID) -> None:
    """Throw away an unsent draft and its photo. Raises NotFound, Conflict when it was sent."""
    photo_id = photo_of(queries.get_own_draft(account, draft_id))
    discard_draft(account, draft_id)
    _delete_photo(account.id, photo_id)


def add_photo(account: Account, *, draft_id: UUID, stream: IO[bytes]) -> Draft:
    """Add the photo, in the place of an earlier one.

    Raises NotFound; Refused when it is no photo, or too large; TooMany; Unavailable.
    """
    most = settings_of(ReportingSettings).photos_an_hour
    limit(f"reporting.photo:{account.id}", limit=most, seconds=HOUR)
    earlier = photo_of(queries.get_own_draft(account, draft_id))
    delete_on = clock.today() + timedelta(days=UNSENT_PHOTO_DAYS)
    photo = receive(stream, account_id=account.id, service=SERVICE, purpose="photo", delete_on=delete_on)
    draft = save_answers(account, draft_id, step=Step.PHOTO, answers={"photo": str(photo.id)})
    _delete_photo(account.id, earlier)
    return draft


def remove_photo(account: Account, *, draft_id: UUID) -> Draft:
    """Send the report without a photo after all. Raises NotFound, Conflict when it was sent."""
    earlier = photo_of(queries.get_own_draft(account, draft_id))
    draft = save_answers(account, draft_id, step=Step.PHOTO, answers={"photo": None})
    _delete_photo(account.id, earlier)
    return draft


def send_report(account: Account, *, draft_id: UUID) -> Case:
    """Make a report of the draft, once: however often and from wherever it is sent, the same case comes back.

    Raises NotFound; Refused when an answer is missing or its kind is no longer taken; TooMany.
    """
    draft = hold_draft(account, draft_id)
    if draft.service != SERVICE:
        raise NotFound
    if draft.case_id:
        return get_case(account.id, draft.case_id)
    settings = settings_of(ReportingSettings)
    if first_missing(draft.answers) is not Step.CHECK:
        raise Refused(_("Some questions are not answered yet."))
    category = get_category(draft.answers[Step.KIND]["kind"])
    if refusal := why_not_taken(category, settings.categories_off):
        raise Refused(str(refusal))
    limit(f"reporting.send:{account.id}", limit=settings.reports_a_day, seconds=DAY)
    case = file_report(
        account,
        report_id=draft.id,
        category=category.code,
        place=place_of(draft.answers),
        description=draft.answers[Step.DESCRIPTION]["description"],
        photo_id=_keep_photo(account, draft),
    )
    finish_draft(account, draft.id, case_id=case.id)
    route.defer(report_id=str(draft.id))
    return case


def file_report(
    account: Account, *, report_id: UUID, category: str, place: Place, description: str, photo_id: UUID | None = None
) -> Case:
    """Open the case and keep the report. The same `report_id` again gives the same case and keeps nothing twice."""
    ward = find_ward(place.point, settings_of(ReportingSettings).wards)
    case = open_case(account, case_type=type_of(category), key=str(report_id), summary=category, area=ward)
    if session().get(Report, report_id) is None:
        point = place.point
        report = Report(
            id=report_id,
            case_id=case.id,
            account_id=account.id,
            category=category,
            place=place.text,
            uprn=place.uprn,
            lat=point.lat if point else None,
            lon=point.lon if point else None,
            cell=cell_of(point) if point else None,
            description=description,
            photo_id=photo_id,
            created_at=case.opened_at,
        )
        session().add(report)
    return case


def note_move(case: Case, _event: CaseEvent) -> None:
    """Note on the report that somebody has it, and whether its case is still open.

    The ledger calls this in the transaction of each move.
    """
    noted = {"closed_at": case.closed_at, "passed_on_at": func.coalesce(Report.passed_on_at, clock.now())}
    session().execute(update(Report).where(Report.case_id == case.id).values(noted))


@job("reporting.route")
def route(report_id: str) -> None:
    """Pass a new report to its team. Does nothing once it is with a team."""
    report = session().get(Report, UUID(report_id))
    if report is None:
        return
    try:
        move_case(report.case_id, to="with_team", actor=ACTOR, channel="system")
    except Refused:  # this job ran before, or somebody at the council was quicker
        report.passed_on_at = report.passed_on_at or clock.now()
        return
    confirm.defer(report_id=report_id)  # apart: a letter that cannot be written must not keep a report from its team


@job("reporting.route_late", cron="*/15 * * * *")
def route_late() -> None:
    """Take up the reports that nobody has an hour after they came: their own job was given up.

    A portion at a time, each report by itself; to pass one on twice does nothing. What fails comes up at the next run.
    """
    late = (Report.passed_on_at.is_(None), Report.closed_at.is_(None), Report.created_at < clock.now() - LATE_AFTER)
    some, after = select(Report.id).where(*late).order_by(Report.id).limit(AT_ONCE), UUID(int=0)
    while ids := session().scalars(some.where(Report.id > after)).all():
        for report_id in ids:
            _route_late(report_id)
        after = ids[-1]


def _route_late(report_id: UUID) -> None:
    try:
        route(report_id=str(report_id))
        session().commit()
    except Exception as error:  # noqa: BLE001  # whatever is wrong with one report must not keep the others
        session().rollback()
        log.error("the report %s could not be passed on: %s", report_id, type(error).__name__)


@job("reporting.confirm")
def confirm(report_id: str) -> None:
    """Confirm a report by e-mail. Deferred once for each; cut off and done again, it would rather write twice."""
    report = session().get(Report, UUID(report_id))
    if report is None or report.account_id is None:
        return
    with suppress(NotFound):  # the account was closed meanwhile
        account = get_account(report.account_id)
        reference = get_case(account.id, report.case_id).reference
        tell(
            account,
            template="reporting/mail/received.txt",
            key=f"received:{report.case_id}",
            path=f"/cases/{reference}",
            reference=reference,
        )


@job("reporting.let_go", cron="41 3 * * *")
def let_go() -> None:
    """Forget who sent the reports that were closed so long ago that nobody will ask."""
    _let_go_of(Report.closed_at < clock.now() - timedelta(days=KEPT_DAYS))


def forget(account: Account) -> None:
    """Keep the faults without the person: kind, point and dates stay; who told us and in which words goes."""
    _let_go_of(Report.account_id == account.id)


def _let_go_of(which: ColumnElement[bool]) -> None:
    """Empty what leads to a person in these reports, some at a time, and delete their photos."""
    some = select(Report.id, Report.account_id, Report.photo_id).where(which, Report.account_id.is_not(None))
    while rows := session().execute(some.limit(AT_ONCE)).all():
        for row in rows:
            _delete_photo(row.account_id, row.photo_id)
        ids = [row.id for row in rows]
        session().execute(update(Report).where(Report.id.in_(ids)).values(WITHOUT_THE_PERSON))


def claim(source: UUID, account: Account) -> None:
    """Reports that staff filed under `source` for somebody who has claimed them since are that resident's own."""
    session().execute(update(Report).where(Report.account_id == source).values(account_id=account.id))


def photo_of(draft: Draft) -> UUID | None:
    """The photo that a draft holds."""
    photo = draft.answers.get(Step.PHOTO, {}).get("photo")
    return UUID(photo) if photo else None


def _keep_photo(account: Account, draft: Draft) -> UUID | None:
    photo_id = photo_of(draft)
    if photo_id is None:
        return None
    try:
        keep_file(account.id, photo_id)
    except NotFound:  # the draft lay so long that its photo was swept away; the report is worth having without it
        return None
    return photo_id


def _delete_photo(account_id: UUID, photo_id: UUID | None) -> None:
    if photo_id is None:
        return
    with suppress(NotFound):  # gone already: swept, or forgotten with the person
        delete_file(account_id, photo_id)
