"""Tell people of new reports around a place or in a ward: each morning one letter, in which each report stands once.

An alert remembers the moment up to which it has told (`told_at`) and every report that it has told of (`alert_told`),
so that a report which a moderator hides and shows again is not told twice. It looks back a little behind that moment:
what was still being written then is found the next day at the latest.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final
from uuid import UUID, uuid4

from sqlalchemy import Row, bindparam, exists, or_, select
from sqlalchemy.dialects.postgresql import insert

from portal.kit import (
    Account,
    NotFound,
    Refused,
    clock,
    current_language,
    get_account,
    job,
    letter_token,
    read_letter_token,
    session,
    settings_of,
    tell,
    write_to,
)
from portal.kit import gettext as _
from services.reporting.models.following import Alert, AlertTold
from services.reporting.models.reports import Report
from services.reporting.operations.following import count_letter
from services.reporting.queries.alerts import alerts_of, wanted_of
from services.reporting.queries.public import CONDITIONS, IS_PUBLIC, values_of
from services.reporting.rules.categories import title_of
from services.reporting.rules.wanted import Wanted, WantedAlert
from services.reporting.settings.reporting import ReportingSettings

PURPOSE: Final = "reporting.alert"
LETTER: Final = "reporting/mail/alert_asked.txt"
NEWS: Final = "reporting/mail/alert.txt"
LETTER_PATH: Final = "/services/reporting/alerts/letters/"
MOST: Final = 20
"""How many alerts one resident may have."""
LISTED: Final = 25
"""How many reports stand in one letter; of more it says how many."""
PORTION: Final = 100
OVERLAP: Final = timedelta(minutes=30)
"""Longer than any page takes to be saved."""
EVERY: Final = timedelta(hours=20)
"""An alert that has told so lately waits for the next morning, however often the job runs."""
UNSEEN: Final = {"synchronize_session": False}

_DUE = (
    select(Alert)
    .where(Alert.confirmed_at.is_not(None), Alert.told_at < bindparam("before"), Alert.id > bindparam("after"))
    .order_by(Alert.id)
    .limit(PORTION)
    .with_for_update(skip_locked=True)
)
_TOLD = insert(AlertTold).on_conflict_do_nothing()
_NEW = (
    select(Report.id, Report.reference, Report.category, Report.ward, Report.usrn, Report.created_at)
    .where(
        IS_PUBLIC,
        Report.shown_at > bindparam("told"),
        Report.shown_at <= bindparam("now"),
        or_(bindparam("category") == "", Report.category == bindparam("category")),
        ~exists().where(AlertTold.alert_id == bindparam("alert"), AlertTold.report_id == Report.id),
    )
    .order_by(Report.shown_at, Report.id)
    .limit(LISTED + 1)
)
_IN_WARD = _NEW.where(CONDITIONS["ward"])
_AROUND = _NEW.where(CONDITIONS["circle"])


@dataclass(frozen=True, slots=True)
class NewReport:
    """A report as a letter lists it."""

    id: UUID
    reference: str
    category: str
    ward: str
    usrn: str | None
    at: datetime

    @property
    def where(self) -> str:
        """The street by the council's map, or the ward: nothing that anybody wrote."""
        settings = settings_of(ReportingSettings)
        street = settings.ground.find_street(self.usrn) if self.usrn else None
        return street.label if street else next((each.title for each in settings.wards if each.code == self.ward), "")


def set_alert(account: Account, wanted: WantedAlert) -> None:
    """Tell this resident of new reports there from now on. The very same again is the one that there is.

    Raises Refused when they have too many.
    """
    held = alerts_of(account)
    if any(each.wanted == wanted for each in held):
        return
    if len(held) >= MOST:
        raise Refused(_("You have %(n)s alerts already. Stop one of them first.", n=MOST))
    session().add(_made(wanted, account.language, account_id=account.id, confirmed_at=clock.now()))


def ask_by_email(wanted: WantedAlert, *, email: str, come_from: str) -> None:
    """Ask whoever has this address, by letter, whether they want to be told. Raises TooMany."""
    address = email.casefold()
    count_letter(address, come_from)
    alert = _made(wanted, current_language(), email=address)
    session().add(alert)
    write_to(
        address,
        template=LETTER,
        language=alert.language,
        path=f"{LETTER_PATH}{letter_token(PURPOSE, alert.id)}",
        called=wanted.called,
        hours=settings_of(ReportingSettings).guest_hours,
    )


def stop_alert(account: Account, *, alert_id: UUID) -> None:
    """Tell this resident of it no more. Raises NotFound for another's, as for none."""
    alert = session().get(Alert, alert_id)
    if alert is None or alert.account_id != account.id:
        raise NotFound
    session().delete(alert)


def get_by_letter(token: str) -> tuple[WantedAlert, bool]:
    """What a letter leads to, and whether it was confirmed. Changes nothing.

    Raises NotFound for no letter of ours, or an alert that was stopped.
    """
    alert = _by_letter(token)
    return wanted_of(alert), alert.confirmed_at is not None


def confirm(token: str) -> None:
    """The address is right: tell it from now on. Pressed again, nothing changes. Raises NotFound."""
    alert = _by_letter(token)
    if alert.confirmed_at is None:
        alert.confirmed_at = alert.told_at = clock.now()


def end(token: str) -> None:
    """Write to this address about it no more. Raises NotFound."""
    session().delete(_by_letter(token))


def _by_letter(token: str) -> Alert:
    alert_id = read_letter_token(PURPOSE, token)
    alert = session().get(Alert, alert_id) if alert_id else None
    if alert is None or alert.email is None:
        raise NotFound(_("This link is no longer of use. You get no emails by it."))
    return alert


@job("reporting.alerts", cron="10 7 * * *")
def send_alerts() -> None:
    """Each morning: begin with the first alert."""
    alert_portion.defer(after=str(UUID(int=0)))


@job("reporting.alert_portion")
def alert_portion(after: str) -> None:
    """Write for the next alerts, and ask for those that come after them: each portion is one transaction."""
    now = clock.now()
    due = session().scalars(_DUE, {"before": now - EVERY, "after": UUID(after)}).all()
    for alert in due:
        _tell(alert, now)
    if len(due) == PORTION:
        alert_portion.defer(after=str(due[-1].id))


def _tell(alert: Alert, now: datetime) -> None:
    new = [NewReport(*row) for row in _new_for(alert, now)]
    alert.told_at = now
    if not new:
        return
    session().execute(_TOLD, [{"alert_id": alert.id, "report_id": each.id, "told_at": now} for each in new])
    _write(alert, new[:LISTED], more=len(new) > LISTED)


def _new_for(alert: Alert, now: datetime) -> Sequence[Row[*tuple[Any, ...]]]:
    values = {"told": alert.told_at - OVERLAP, "now": now, "alert": alert.id, "category": alert.category}
    place = wanted_of(alert)
    statement = _AROUND if place.circle else _IN_WARD
    return session().execute(statement, values_of(Wanted(ward=place.ward, circle=place.circle)) | values).all()


def _made(
    wanted: WantedAlert,
    language: str,
    *,
    account_id: UUID | None = None,
    email: str | None = None,
    confirmed_at: datetime | None = None,
) -> Alert:
    now, circle = clock.now(), wanted.circle
    return Alert(
        id=uuid4(),
        account_id=account_id,
        email=email,
        language=language,
        called=wanted.called,
        ward=wanted.ward,
        lat=circle.lat if circle else None,
        lon=circle.lon if circle else None,
        metres=circle.metres if circle else None,
        category=wanted.category,
        created_at=now,
        confirmed_at=confirmed_at,
        told_at=now,
    )


def _write(alert: Alert, listed: Sequence[NewReport], *, more: bool) -> None:
    values: dict[str, Any] = {"reports": listed, "more": more, "called": alert.called, "title": title_of}
    if alert.email is not None:
        stop = f"{LETTER_PATH}{letter_token(PURPOSE, alert.id)}"
        path = "/services/reporting/problems"
        write_to(alert.email, template=NEWS, language=alert.language, path=path, stop=stop, **values)
        return
    assert alert.account_id is not None, "an alert has one reader"
    try:
        account = get_account(alert.account_id)
    except NotFound:  # closed meanwhile
        return
    path = "/services/reporting/alerts"
    tell(account, template=NEWS, key=f"alert:{alert.id}:{clock.today()}", path=path, stop=path, **values)
