"""Write to an office that is reached by e-mail: what the work needs, never who reported it."""

from collections.abc import Iterator, Sequence
from typing import Final
from uuid import UUID

from sqlalchemy import Uuid, bindparam, func, select

from portal.kit import clock, in_language, ngettext, session, settings_of, write_to
from portal.kit import gettext as _
from services.reporting.models.following import Update
from services.reporting.models.reports import Photo, Report
from services.reporting.operations.handing_over import NO_OFFICE
from services.reporting.queries.office_photos import photo_addresses
from services.reporting.rules.answers import further_answers, in_words
from services.reporting.rules.categories import find_category, title_of
from services.reporting.rules.open311.telling import words_of
from services.reporting.settings.offices import Office
from services.reporting.settings.reporting import ReportingSettings

LANGUAGE: Final = "en"
TEMPLATE: Final = "reporting/mail/office.txt"
WORDS: Final = "reporting/mail/office_words.txt"
RETURNED: Final = "returned"
"""Our letter to the office came back."""
_OF_LETTER = select(Report).where(Report.letter_id == bindparam("letter")).with_for_update()
_WORDS_OF_LETTER = select(Update).where(Update.letter_id == bindparam("letter"))
_PHOTOS = select(func.count()).where(
    Photo.report_id == bindparam("report"), Photo.update_id.is_not_distinct_from(bindparam("update", type_=Uuid()))
)


def write_to_office(report: Report) -> None:
    """Write once the transaction is committed; stuck, where the settings know no such office."""
    office = _office_of(report)
    if office is not None:
        with in_language(LANGUAGE):
            details = list(_details(report, office))
        report.letter_id = _write(report, office, TEMPLATE, details, report.description)
        report.sent_at = clock.now()


def write_words_to_office(said: Update, report: Report) -> None:
    """Write what was said on a report that the office has, or that it was opened again. See `write_to_office`."""
    office = _office_of(report)
    if office is not None:
        with in_language(LANGUAGE):
            details, words = list(_seen(report.id, office, said.id)), words_of(said)
        said.letter_id = _write(report, office, WORDS, details, words)
        said.sent_at = clock.now()


def _office_of(report: Report) -> Office | None:
    office = settings_of(ReportingSettings).every_office.get(report.office or "")
    if office is None:
        report.stuck = NO_OFFICE
    return office


def _write(report: Report, office: Office, template: str, details: Sequence[str], words: str) -> UUID:
    with in_language(LANGUAGE):
        category = title_of(report.category)
    return write_to(
        office.address,
        template=template,
        language=LANGUAGE,
        path=f"/desk/cases/{report.reference}",
        account_id=report.account_id,
        reference=report.reference,
        category=category,
        place=report.place,
        details=details,
        words=words,
    )


def note_returned(letter_id: UUID, _address: str) -> None:
    """A letter to an office reached nobody: staff see the report as stuck, and the office does not have it."""
    report = session().execute(_OF_LETTER, {"letter": letter_id}).scalar_one_or_none()
    if report is not None and report.way == "email" and report.account_id is not None:
        report.stuck, report.sent_at = RETURNED, None


def note_words_returned(letter_id: UUID, _address: str) -> None:
    """The same of what was said on a report: the office has the report, and has not heard this."""
    said = session().execute(_WORDS_OF_LETTER, {"letter": letter_id}).scalar_one_or_none()
    report = session().get(Report, said.report_id, with_for_update=True) if said is not None else None
    if said is not None and report is not None and report.way == "email" and report.account_id is not None:
        report.stuck, said.sent_at = RETURNED, None


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
    yield from _seen(report.id, office)


def _seen(report_id: UUID, office: Office, update_id: UUID | None = None) -> Iterator[str]:
    """The photos of the report, or of what was said on it."""
    if office.photos:
        yield from (_("Photo: %(address)s", address=each) for each in photo_addresses(report_id, update_id))
        return
    photos = session().scalar(_PHOTOS, {"report": report_id, "update": update_id}) or 0
    if photos:
        yield ngettext("%(n)s photo: ask us for it.", "%(n)s photos: ask us for them.", photos)
