"""Write to an office that is reached by e-mail: what the work needs, never who reported it."""

from collections.abc import Iterator
from typing import Final
from uuid import UUID

from sqlalchemy import bindparam, func, select

from portal.kit import clock, in_language, ngettext, session, settings_of, write_to
from portal.kit import gettext as _
from services.reporting.models.reports import Photo, Report
from services.reporting.operations.handing_over import NO_OFFICE
from services.reporting.queries.office_photos import photo_addresses
from services.reporting.rules.answers import further_answers, in_words
from services.reporting.rules.categories import find_category, title_of
from services.reporting.settings.offices import Office
from services.reporting.settings.reporting import ReportingSettings

LANGUAGE: Final = "en"
TEMPLATE: Final = "reporting/mail/office.txt"
RETURNED: Final = "returned"
"""Our letter to the office came back."""
_OF_LETTER = select(Report).where(Report.letter_id == bindparam("letter")).with_for_update()
_PHOTOS = select(func.count()).where(Photo.report_id == bindparam("report"), Photo.update_id.is_(None))


def write_to_office(report: Report) -> None:
    """Write once the transaction is committed; stuck, where the settings know no such office."""
    office = settings_of(ReportingSettings).every_office.get(report.office or "")
    if office is None:
        report.stuck = NO_OFFICE
        return
    with in_language(LANGUAGE):
        category, details = title_of(report.category), list(_details(report, office))
    report.letter_id = write_to(
        office.address,
        template=TEMPLATE,
        language=LANGUAGE,
        path=f"/desk/cases/{report.reference}",
        account_id=report.account_id,
        reference=report.reference,
        category=category,
        place=report.place,
        details=details,
        words=report.description,
    )
    report.sent_at = clock.now()


def note_returned(letter_id: UUID, _address: str) -> None:
    """A letter to an office reached nobody: staff see the report as stuck, and the office does not have it."""
    report = session().execute(_OF_LETTER, {"letter": letter_id}).scalar_one_or_none()
    if report is not None and report.way == "email" and report.account_id is not None:
        report.stuck, report.sent_at = RETURNED, None


def _details(report: Report, office: Office) -> Iterator[str]:
    """A line each: what stands there, where exactly, what was answered, and whether there is something to see."""
    if report.asset:
        yield _("Number on it: %(number)s", number=report.asset)
    if report.lat is not None and report.lon is not None:
        yield _("Coordinates: %(lat)s, %(lon)s", lat=f"{report.lat:.6f}", lon=f"{report.lon:.6f}")
    category = find_category(report.category)
    if category is not None:
        yield from (f"{question} {', '.join(said)}" for question, said in in_words(category, report.answers))
        yield from further_answers(category, report.answers)
    if office.photos:
        yield from (_("Photo: %(address)s", address=each) for each in photo_addresses(report.id))
        return
    photos = session().scalar(_PHOTOS, {"report": report.id}) or 0
    if photos:
        yield ngettext("%(n)s photo: ask us for it.", "%(n)s photos: ask us for them.", photos)
