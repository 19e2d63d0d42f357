"""Send a report, and have it reach its team."""

import logging
from collections.abc import Sequence
from contextlib import suppress
from datetime import timedelta
from typing import Final
from uuid import UUID

from sqlalchemy import bindparam, select

from portal.kit import (
    Account,
    Case,
    Channel,
    NotFound,
    Refused,
    clock,
    finish_draft,
    get_account,
    get_case,
    hold_draft,
    job,
    limit,
    move_case,
    open_case,
    session,
    settings_of,
    tell,
)
from portal.kit import gettext as _
from services.reporting.models.reports import Report
from services.reporting.operations.passing_on import pass_on
from services.reporting.operations.photos import attach_photos, keep_photos
from services.reporting.rules.categories import get_category, why_not_taken
from services.reporting.rules.journey import Step, first_missing
from services.reporting.rules.personal import leads_to_somebody, masked
from services.reporting.rules.places import cell_of, find_ward
from services.reporting.rules.written import Written, written_in
from services.reporting.settings.categories import Category
from services.reporting.settings.reporting import ReportingSettings
from services.reporting.workflow import SERVICE, type_of

log = logging.getLogger(__name__)

ACTOR: Final = "system:reporting"
DAY: Final = 24 * 3600
AT_ONCE: Final = 500
LATE_AFTER: Final = timedelta(hours=1)

_LATE = (
    select(Report.id)
    .where(
        Report.passed_on_at.is_(None),
        Report.closed_at.is_(None),
        Report.created_at < bindparam("before"),
        Report.id > bindparam("after"),
    )
    .order_by(Report.id)
    .limit(AT_ONCE)
)


def send_report(account: Account, *, draft_id: UUID) -> Case:
    """Make a report of the draft, once: however often and from wherever it is sent, the same case comes back.

    Raises NotFound; Refused when an answer is missing or its category is no longer taken; TooMany.
    """
    draft = hold_draft(account, draft_id)
    if draft.service != SERVICE:
        raise NotFound
    if draft.case_id:
        return get_case(account.id, draft.case_id)
    if first_missing(draft.answers) is not Step.CHECK:
        raise Refused(_("Some questions are not answered yet."))
    written = written_in(draft.answers)
    if refusal := why_not_taken(get_category(written.category)):
        raise Refused(str(refusal))
    limit(f"reporting.send:{account.id}", limit=settings_of(ReportingSettings).reports_a_day, seconds=DAY)
    case = accept_report(account, report_id=draft.id, written=written, photos=keep_photos(account, draft))
    finish_draft(account, draft.id, case_id=case.id)
    return case


def accept_report(
    account: Account,
    *,
    report_id: UUID,
    written: Written,
    photos: Sequence[UUID] = (),
    channel: Channel | None = None,
    api_key_id: UUID | None = None,
) -> Case:
    """File a report and pass it to its team after the commit: what pages and the API do. See `file_report`."""
    case = file_report(
        account, report_id=report_id, written=written, photos=photos, channel=channel, api_key_id=api_key_id
    )
    route.defer(report_id=str(report_id))  # a second time does nothing
    return case


def file_report(
    account: Account,
    *,
    report_id: UUID,
    written: Written,
    photos: Sequence[UUID] = (),
    channel: Channel | None = None,
    api_key_id: UUID | None = None,
) -> Case:
    """Open the case and keep the report.

    The same `report_id` again gives the same case and keeps nothing twice. `photos` are files of the account that are
    kept already. What is in `written` has been checked. Raises NotFound for a category that does not exist.
    """
    category = get_category(written.category)
    ward = find_ward(written.place.point, settings_of(ReportingSettings).wards)
    case = open_case(
        account,
        case_type=type_of(category.family),
        key=str(report_id),
        summary=category.code,
        area=ward,
        channel=channel,
    )
    if session().get(Report, report_id) is None:
        report = _new_report(report_id, case, category, written)
        report.ward, report.api_key_id = ward, api_key_id
        session().add(report)
        session().flush()  # the photos refer to it, and no relationship tells which comes first
        attach_photos(account, report_id, photos)
    return case


def _new_report(report_id: UUID, case: Case, category: Category, written: Written) -> Report:
    place, point = written.place, written.place.point
    private = category.private or written.private
    way = settings_of(ReportingSettings).way_of(category)
    return Report(
        id=report_id,
        case_id=case.id,
        reference=case.reference,
        account_id=case.account_id,
        channel=case.channel,
        category=category.code,
        status=case.status,
        place=place.text,
        uprn=place.uprn,
        usrn=place.usrn,
        asset=place.asset,
        lat=point.lat if point else None,
        lon=point.lon if point else None,
        cell=cell_of(point) if point else None,
        description=written.description,
        public_words=_unlike(written.description),
        public_place=_unlike(place.text),
        answers=dict(written.answers),
        private=private,
        moderation="waiting",
        shown_at=None if private else case.opened_at,
        created_at=case.opened_at,
        updated_at=case.updated_at,
        due_at=case.due_at,
        closed_at=case.closed_at,
        way=way.kind,
        office=way.office or None,
    )


def _unlike(words: str) -> str | None:
    """What everybody reads in place of these words, where something in them leads to a person."""
    return masked(words) if leads_to_somebody(words) else None


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
        pass_on(report)
        return
    pass_on(report)
    confirm.defer(report_id=report_id)  # apart: a letter that cannot be written must not keep a report from its team


@job("reporting.route_late", cron="*/15 * * * *")
def route_late() -> None:
    """Take up the reports that nobody has an hour after they came: their own job was given up.

    A portion at a time, each report by itself; to pass one on twice does nothing. What fails comes up at the next run.
    """
    before, after = clock.now() - LATE_AFTER, UUID(int=0)
    while ids := session().scalars(_LATE, {"before": before, "after": after}).all():
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
