"""A letter with a code: to the one place where the record's bills go, which the person who asks is never told.

Asking for one is answered the same whatever was typed: whether it fits a record is asked of the council's system
afterwards, by the worker. While that system is away, what was asked for waits.
"""

import logging
import uuid
from collections import Counter
from dataclasses import replace
from datetime import timedelta
from typing import Any, Final

from sqlalchemy import Row, bindparam, delete, insert, select, update

from portal import clock
from portal.accounts import spoken_codes
from portal.accounts.queries import get_account
from portal.accounts.values import Account
from portal.audit.operations import record
from portal.backoffices.values import OfficeRefused
from portal.db.session import release, session
from portal.errors import NotFound, TooMany, Unavailable
from portal.identity.sealed import unseal
from portal.jobs.queue import job
from portal.joining import drafts, tries
from portal.joining.attempting import Tried, later
from portal.joining.codes import BY_LETTER_FOR, PURPOSE
from portal.joining.drafts import JoinDraft
from portal.joining.kinds import Declared, find_kind
from portal.joining.models import JoinCodeRow
from portal.joining.values import Answers, Match, PostTo
from portal.notify.operations import can_post, send_letter
from portal.web.fault_log import told
from portal.web.languages import using

log = logging.getLogger(__name__)

TEMPLATE: Final = "joining/letter/code.txt"
WAITS_FOR: Final = timedelta(days=7)
"""How long a council's system may be away before a letter that was asked for is no longer expected."""
AT_ONCE: Final = 50
STUCK: Final = 5
"""So many in a row that the council's system does not answer: it is away, and not only unable to say one thing."""
ACTOR: Final = "system:joining"

_UNWRITTEN = (
    select(
        JoinCodeRow.id,
        JoinCodeRow.account_id,
        JoinCodeRow.service,
        JoinCodeRow.kind,
        JoinCodeRow.answers,
        JoinCodeRow.made_at,
    )
    .where(
        JoinCodeRow.answers.is_not(None),
        JoinCodeRow.id.not_in(bindparam("tried", expanding=True)),
        JoinCodeRow.service.not_in(bindparam("away", expanding=True)),
    )
    .order_by(JoinCodeRow.made_at, JoinCodeRow.id)
    .limit(1)
)
_ASKED_LATELY = (
    select(JoinCodeRow.made_at)
    .where(
        JoinCodeRow.account_id == bindparam("account"),
        JoinCodeRow.service == bindparam("service"),
        JoinCodeRow.kind == bindparam("kind"),
        JoinCodeRow.how == "letter",
        JoinCodeRow.expires_at > bindparam("now"),
    )
    .order_by(JoinCodeRow.made_at.desc())
    .limit(1)
)


def can_write(declared: Declared) -> bool:
    """Whether this kind of record can be joined by a letter here."""
    return declared.kind.post_to is not None and can_post()


def ask_for_letter(account: Account, declared: Declared, draft: JoinDraft) -> Tried | None:
    """Have a letter sent if the answers fit a record. None: it was taken; or `too_many`, with the time to try again."""
    try:
        tries.count_letter(account, declared, draft.reference)
    except TooMany as limit:
        tried = Tried("too_many", again_at=later(limit))
        _note(account.id, declared, "", tried.end)
        return tried
    code_id, now = uuid.uuid4(), clock.now()
    session().execute(
        insert(JoinCodeRow).values(
            id=code_id,
            account_id=account.id,
            service=declared.service,
            kind=declared.kind.code,
            how="letter",
            answers=drafts.sealed(draft),
            protected=False,
            made_by=f"account:{account.id}",
            made_at=now,
            expires_at=now + BY_LETTER_FOR,
        )
    )
    _note(account.id, declared, f"join_code:{code_id}", "asked")
    write_letters.defer()
    return None


@job("joining.write_letters", attempts=1, cron="* * * * *")
def write_letters() -> None:
    """For each letter that was asked for, ask the council's system, oldest first: at once, and again each minute.

    A system that is away is asked a few times a minute, however many wait for it. What it cannot say of one record
    holds up no other, and neither does a fault of ours: that one is tried again until it is given up.
    """
    tried: list[uuid.UUID] = []
    stuck: Counter[str] = Counter()
    while len(tried) < AT_ONCE:
        away = [service for service, failed in stuck.items() if failed >= STUCK]
        row = session().execute(_UNWRITTEN, {"tried": tried or [uuid.UUID(int=0)], "away": away or [""]}).one_or_none()
        if row is None:
            return
        tried.append(row.id)
        declared = find_kind(row.service, row.kind)
        if declared is None or clock.now() - row.made_at > WAITS_FOR:
            _give_up(row.id, row.account_id, row.service, row.kind)
        elif _is_answered(row, declared):
            stuck[row.service] = 0
        else:
            stuck[row.service] += 1
        session().commit()


def _is_answered(row: Row[*tuple[Any, ...]], declared: Declared) -> bool:
    """Write the letter, if there is to be one. False when the system does not answer; then everything is as it was."""
    try:
        _answer(row.id, row.account_id, declared, row.answers)
    except Unavailable:
        session().rollback()
        return False
    except Exception as error:  # noqa: BLE001  # whatever a service raises must not cost the other letters
        session().rollback()
        log.error("a letter with a code for %s failed: %s", row.service, told(error))
    return True


def _answer(code_id: uuid.UUID, account_id: uuid.UUID, declared: Declared, sealed: str) -> None:
    """Ask whether the answers fit, and write. Raises Unavailable; then everything is as it was."""
    opened = unseal(sealed, drafts.PURPOSE)
    release()
    found = _where(declared, drafts.read(opened).answers) if opened is not None else None
    try:
        account = get_account(account_id)
    except NotFound:
        found = None
    if found is None:
        if _take(code_id):
            _note(account_id, declared, f"join_code:{code_id}", "no_letter")
        return
    match, to, key = found
    code = spoken_codes.new_code()
    if not _become(code_id, key=key, match=match, code=code):
        return  # another worker was quicker
    with using(account.language):
        title = str(declared.kind.title)
    values = {"record": title, "code": spoken_codes.grouped(code), "until": clock.today() + BY_LETTER_FOR}
    # Of nobody's account: it is written to the record's own person, and who asked may not learn the address.
    send_letter(to.name, (*to.lines, to.postcode), TEMPLATE, account.language, None, **values)
    _note(account_id, declared, f"join_code:{code_id}", "letter_written")


def _where(declared: Declared, answers: Answers) -> tuple[Match, PostTo, str] | None:
    """Whom name and postcode fit, and where the record's bills go; None when they fit nobody, or it says no."""
    if declared.kind.post_to is None:
        return None
    try:
        match = declared.kind.match(replace(answers, facts={}))
        if not match.person_key:
            return None
        return match, declared.kind.post_to(answers.reference, match.person_key), answers.reference
    except (NotFound, OfficeRefused):
        return None


def _become(code_id: uuid.UUID, *, key: str, match: Match, code: str) -> bool:
    """The row is a code from now on, and the answers are forgotten. False when somebody has done that already."""
    made = (
        update(JoinCodeRow)
        .where(JoinCodeRow.id == code_id, JoinCodeRow.answers.is_not(None))
        .values(
            answers=None,
            code_hash=spoken_codes.kept(code, PURPOSE),
            key=key,
            person_key=match.person_key,
            role=match.role,
            protected=match.protected,
            expires_at=clock.now() + BY_LETTER_FOR,
        )
        .returning(JoinCodeRow.id)
    )
    return session().scalar(made, execution_options={"synchronize_session": False}) is not None


def _take(code_id: uuid.UUID) -> bool:
    """The answers fit nothing. That a letter was asked for stays, so that whoever asked sees the same as others do."""
    emptied = update(JoinCodeRow).where(JoinCodeRow.id == code_id, JoinCodeRow.answers.is_not(None))
    done = emptied.values(answers=None, expires_at=clock.now() + BY_LETTER_FOR).returning(JoinCodeRow.id)
    return session().scalar(done, execution_options={"synchronize_session": False}) is not None


def _give_up(code_id: uuid.UUID, account_id: uuid.UUID, service: str, kind: str) -> None:
    session().execute(delete(JoinCodeRow).where(JoinCodeRow.id == code_id))
    log.error("a letter that was asked for could not be written within %s days: %s", WAITS_FOR.days, service)
    record(
        "record.letter", actor=ACTOR, account_id=account_id, subject=f"join_code:{code_id}",
        service=service, kind=kind, end="given_up",
    )  # fmt: skip


def _note(account_id: uuid.UUID, declared: Declared, subject: str, end: str) -> None:
    by_worker = end not in ("asked", "too_many")
    record(
        "record.letter",
        actor=ACTOR if by_worker else f"account:{account_id}",
        account_id=account_id,
        subject=subject,
        service=declared.service,
        kind=declared.kind.code,
        end=end,
    )
