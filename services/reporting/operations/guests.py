"""Report without an account: write in this browser, confirm an e-mail address, and claim the report later.

What a guest writes is kept under an account of nobody, as when staff take down a report. The council gets it when the
guest presses the button on the page that the letter leads to. Opening that page changes nothing, so programs that open
the links in people's mail neither confirm nor use up anything; the link leads to the report as long as it is kept.
"""

import logging
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from hashlib import sha256
from typing import Final
from uuid import UUID, uuid4

from sqlalchemy import bindparam, select

from portal.kit import (
    Account,
    Draft,
    NotFound,
    Refused,
    clock,
    current_language,
    discard_draft,
    get_account,
    get_draft,
    is_unclaimed,
    letter_token,
    limit,
    make_code,
    open_for_caller,
    read_letter_token,
    session,
    settings_of,
    start_draft,
    write_to,
)
from portal.kit import gettext as _
from services.reporting.models.following import Follower
from services.reporting.models.guests import Guest
from services.reporting.models.reports import Report
from services.reporting.operations.photos import delete_photo
from services.reporting.operations.sending import ACTOR, DAY, send_report
from services.reporting.rules.journey import Step, first_missing
from services.reporting.rules.written import Written, photos_in, written_in
from services.reporting.settings.reporting import ReportingSettings
from services.reporting.workflow import JOURNEY, SERVICE

log = logging.getLogger(__name__)

PURPOSE: Final = "reporting.guest"
LETTER: Final = "reporting/mail/guest.txt"
LETTER_PATH: Final = "/services/reporting/guest/letters/"
"""The page that a letter leads to, with its token at the end."""
BEGUN_AN_HOUR: Final = 20
"""How many reports may be begun without an account from one network address: a family, a library, a school."""
LETTERS_A_DAY: Final = 5
"""How many letters one e-mail address gets, whoever asks for them."""
AT_A_RUN: Final = 1000
GUEST_DAYS: Final = 3
"""How long what a guest wrote waits for its letter, unless the council has set other hours."""

_BY_DRAFT = select(Guest).where(Guest.draft_id == bindparam("draft"))
_BY_LETTER = select(Guest).where(Guest.letter_id == bindparam("letter"))
_BEGUN = (
    select(Guest.draft_id)
    .where(Guest.secret_hash == bindparam("secret"), Guest.confirmed_at.is_(None), Guest.expires_at >= bindparam("now"))
    .order_by(Guest.created_at.desc(), Guest.id)
    .limit(BEGUN_AN_HOUR)
)
_REFERENCE = select(Report.reference).where(Report.id == bindparam("report"))
_OVER = (
    select(Guest.id)
    .where(Guest.confirmed_at.is_(None), Guest.expires_at < bindparam("now"))
    .order_by(Guest.expires_at, Guest.id)
    .limit(AT_A_RUN)
)
_STILL_OVER = (
    select(Guest)
    .where(Guest.id == bindparam("guest"), Guest.confirmed_at.is_(None), Guest.expires_at < bindparam("now"))
    .with_for_update(skip_locked=True)
)


@dataclass(frozen=True, slots=True)
class GuestReport:
    """A report of a guest, as the link in the letter leads to it.

    `reference` is empty until they have confirmed; `claimed` is whether an account has taken it over since.
    """

    draft_id: UUID
    account_id: UUID
    reference: str
    confirmed_at: datetime | None
    expires_at: datetime
    claimed: bool


def begin(browser: str, *, come_from: str) -> Draft:
    """A draft for somebody who is not signed in, which this browser alone can open. `come_from` is a network address.

    Raises Refused where guests are not taken, TooMany.
    """
    settings = settings_of(ReportingSettings)
    if not settings.guests:
        raise Refused(_("You can only report with an account. Sign in first."))
    limit(f"reporting.guest.begin:{come_from}", limit=BEGUN_AN_HOUR, seconds=3600)
    account_id = open_for_caller(ACTOR, given_name="", family_name="", language=current_language())
    draft = start_draft(get_account(account_id), service=SERVICE, journey=JOURNEY)
    now = clock.now()
    guest = Guest(
        account_id=account_id,
        draft_id=draft.id,
        secret_hash=_secret_hash(browser),
        language=current_language(),
        created_at=now,
        expires_at=now + timedelta(hours=settings.guest_hours),
    )
    session().add(guest)
    return draft


def get_guest_draft(browser: str, draft_id: UUID) -> tuple[Account, Draft]:
    """The draft that was begun in this browser, and the account of nobody that it is kept under. Raises NotFound.

    Once an account has claimed it, it is opened there.
    """
    guest = session().execute(_BY_DRAFT, {"draft": draft_id}).scalar_one_or_none()
    if guest is None or guest.secret_hash != _secret_hash(browser) or not is_unclaimed(guest.account_id):
        raise NotFound
    return get_account(guest.account_id), get_draft(guest.account_id, draft_id)


def find_begun(browser: str) -> Draft | None:
    """What was last begun in this browser and is not sent yet, once it says something."""
    now = clock.now()
    for draft_id in session().scalars(_BEGUN, {"secret": _secret_hash(browser), "now": now}).all():
        with suppress(NotFound):  # claimed, or swept, as drafts are that nobody touches
            _account, draft = get_guest_draft(browser, draft_id)
            if Step.DESCRIPTION in draft.answers:
                return draft
    return None


def discard(browser: str, *, draft_id: UUID) -> None:
    """Throw away what was begun in this browser, with its photos and address. Raises NotFound; Refused once sent."""
    get_guest_draft(browser, draft_id)
    guest = session().execute(_BY_DRAFT.with_for_update(), {"draft": draft_id}).scalar_one()
    if guest.confirmed_at is not None:
        raise Refused(_("Your report has been sent already."))
    _forget(guest)


def ask_to_confirm(browser: str, *, draft_id: UUID, email: str) -> None:
    """Write to the guest, with the link by which they send their report.

    Each letter to one address has the same link; a letter to another address ends it, for the first was mistyped.

    Raises NotFound; Refused when an answer is missing or they have confirmed; TooMany.
    """
    _account, draft = get_guest_draft(browser, draft_id)
    guest = session().execute(_BY_DRAFT.with_for_update(), {"draft": draft_id}).scalar_one()
    if guest.confirmed_at is not None:
        raise Refused(_("Your report has been sent already."))
    if first_missing(draft.answers) is not Step.CHECK:
        raise Refused(_("Some questions are not answered yet."))
    limit(f"reporting.guest.write:{email.casefold()}", limit=LETTERS_A_DAY, seconds=DAY)
    now, hours = clock.now(), settings_of(ReportingSettings).guest_hours
    if guest.letter_id is None or guest.email != email:
        guest.letter_id = uuid4()
    guest.email, guest.written_at = email, now
    guest.expires_at = now + timedelta(hours=hours)
    write_to(
        email,
        template=LETTER,
        language=guest.language,
        path=f"{LETTER_PATH}{letter_token(PURPOSE, guest.letter_id)}",
        account_id=guest.account_id,
        hours=hours,
    )


def get_by_letter(token: str) -> GuestReport:
    """What the link in a letter leads to. Changes nothing. Raises NotFound for a link that never was or is over."""
    return _report_of(_guest_of(token))


def find_unsent(found: GuestReport) -> Written | None:
    """What the report says that the letter is to send; None once it was sent, or while an answer is missing again."""
    if found.reference:
        return None
    try:
        answers = get_draft(found.account_id, found.draft_id).answers
    except NotFound:  # swept, as drafts are that nobody touches
        return None
    return written_in(answers) if first_missing(answers) is Step.CHECK else None


def confirm(token: str) -> GuestReport:
    """Send the report: the button on the page that the letter leads to. Pressed again, the same comes back.

    Raises NotFound; Refused when the category is no longer taken; TooMany for more reports a day from one e-mail
    address than a resident may send.
    """
    guest = _guest_of(token, lock=True)
    if guest.confirmed_at is None:
        most = settings_of(ReportingSettings).reports_a_day
        limit(f"reporting.guest.send:{(guest.email or '').casefold()}", limit=most, seconds=DAY)
        send_report(get_account(guest.account_id), draft_id=guest.draft_id)
        guest.confirmed_at = clock.now()
        session().flush()  # the report, before who follows it
        session().add(_follower(guest))
    return _report_of(guest)


def claim_code(token: str) -> str:
    """The code by which whoever has the letter makes the report their own, at /claim as callers do.

    Raises NotFound, also when it has been claimed; Refused before it was confirmed.
    """
    guest = _guest_of(token)
    if guest.confirmed_at is None:
        raise Refused(_("Send your report first."))
    return make_code(ACTOR, guest.account_id)


def let_go_of_guests(before: datetime) -> int:
    """Forget some of what guests wrote and never confirmed. The empty account goes with those of other callers.

    Each by itself: one that cannot be forgotten keeps no other, and comes up the next night.
    """
    over = before + timedelta(days=GUEST_DAYS)  # a letter of each says until when; `before` is the usual time ago
    return sum(_forgotten(guest_id, over) for guest_id in session().scalars(_OVER, {"now": over}).all())


def _forgotten(guest_id: UUID, over: datetime) -> bool:
    try:
        with session().begin_nested():
            guest = session().scalars(_STILL_OVER, {"guest": guest_id, "now": over}).one_or_none()
            if guest is not None:  # or it was confirmed, or asked for another letter, meanwhile
                _forget(guest)
    except Exception as error:  # noqa: BLE001  # whatever is wrong with one must not keep the others
        log.error("the guest %s could not be forgotten: %s", guest_id, type(error).__name__)
        return False
    return guest is not None


def _forget(guest: Guest) -> None:
    try:
        draft = get_draft(guest.account_id, guest.draft_id)
    except NotFound:  # swept, as drafts are that nobody touches
        draft = None
    if draft is not None:
        for photo_id in photos_in(draft.answers):
            delete_photo(guest.account_id, photo_id)
        discard_draft(get_account(guest.account_id), guest.draft_id)
    session().delete(guest)


def _guest_of(token: str, *, lock: bool = False) -> Guest:
    query = _BY_LETTER.with_for_update() if lock else _BY_LETTER
    letter_id = read_letter_token(PURPOSE, token)
    guest = session().execute(query, {"letter": letter_id}).scalar_one_or_none() if letter_id else None
    if guest is None or (guest.confirmed_at is None and guest.expires_at < clock.now()):
        raise NotFound(_("This link is no longer of use. Report the problem again if it is still there."))
    return guest


def _report_of(guest: Guest) -> GuestReport:
    reference = session().scalar(_REFERENCE, {"report": guest.draft_id}) if guest.confirmed_at else None
    claimed = not is_unclaimed(guest.account_id)
    return GuestReport(guest.draft_id, guest.account_id, reference or "", guest.confirmed_at, guest.expires_at, claimed)


def _follower(guest: Guest) -> Follower:
    """They hear by e-mail what happens to their report, as others who follow it without an account."""
    return Follower(
        report_id=guest.draft_id,
        email=guest.email,
        language=guest.language,
        created_at=clock.now(),
        confirmed_at=clock.now(),
    )


def _secret_hash(browser: str) -> str:
    return sha256(f"{PURPOSE} {browser}".encode()).hexdigest()
