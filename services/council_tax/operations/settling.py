"""What follows when the council's system has answered: the case moves, and the resident is told."""

import logging
from collections.abc import Mapping
from contextlib import suppress
from datetime import timedelta
from typing import Any, Final
from uuid import UUID

from sqlalchemy import DateTime, bindparam, extract, or_, select, update

from portal.kit import (
    Account,
    Case,
    CaseEvent,
    Conflict,
    Delivery,
    NotFound,
    Refused,
    Unavailable,
    case_path,
    clock,
    find_joined,
    get_account,
    get_case,
    in_language,
    job,
    join_record,
    joined_records,
    move_case,
    session,
    tell,
)
from services.council_tax.backoffice.client import system
from services.council_tax.backoffice.values import ChangeAnswer
from services.council_tax.models import AskedChange
from services.council_tax.operations import card_payments
from services.council_tax.operations.sharing import note_shared
from services.council_tax.workflow import RECORD, SERVICE, reason_for

log = logging.getLogger(__name__)

ACTOR: Final = "system:council_tax"
TARGETS: Final = {"accepted": "done", "with_officer": "with_officer", "refused": "refused"}
OPENING: Final = ("move_in", "move_within")
"""Changes that open an account."""
FOLLOWED_EVERY: Final = timedelta(minutes=4)
FOLLOWED_AT_LEAST: Final = timedelta(hours=4)
SHARE: Final = 10
"""What has waited long is asked for after a tenth of that time again: some wait for weeks, and there are many."""
AT_ONCE: Final = 500

_NOW = bindparam("now", type_=DateTime(timezone=True))
_DUE = (
    select(AskedChange.case_id)
    .where(
        AskedChange.with_officer,
        AskedChange.closed_at.is_(None),
        AskedChange.followed_at < bindparam("before"),
        or_(
            extract("epoch", _NOW - AskedChange.followed_at) * SHARE > extract("epoch", _NOW - AskedChange.created_at),
            AskedChange.followed_at < bindparam("long_before"),
        ),
    )
    .order_by(AskedChange.followed_at)
    .limit(AT_ONCE)
    .with_for_update(skip_locked=True)
)
_FOLLOW = (
    update(AskedChange)
    .where(AskedChange.case_id.in_(_DUE))
    .values(followed_at=_NOW)
    .returning(AskedChange.case_id)
    .execution_options(synchronize_session=False)
)
_ASKED = select(AskedChange.account_id, AskedChange.sent_as, AskedChange.reference).where(
    AskedChange.case_id == bindparam("asked")
)
_NOTE = (
    update(AskedChange)
    .where(AskedChange.case_id == bindparam("asked"))
    .values(with_officer=bindparam("officer"), closed_at=bindparam("closed"))
)


def note_delivered(delivery: Delivery, answer: Mapping[str, Any]) -> None:  # plain JSON, as the system said it
    """The system has taken a change: the case follows, in the transaction that closes the delivery."""
    if delivery.act == card_payments.ACT:
        card_payments.note_booked(delivery)
    elif delivery.case_id is not None:
        settle(delivery.account_id, delivery.case_id, ChangeAnswer.model_validate(answer))


def note_undeliverable(delivery: Delivery, reason: str) -> None:
    """The system says no: the case is refused, with the reason, and the resident is told."""
    if delivery.act in card_payments.DELIVERIES:
        card_payments.note_not_booked(delivery, reason)
    elif delivery.case_id is not None:
        _move(delivery.account_id, delivery.case_id, "refused", code=reason)


def settle(account_id: UUID, case_id: UUID, answer: ChangeAnswer) -> None:
    """Let the case follow what the system says of a change. What the case knows already changes nothing."""
    opened = answer.state == "accepted" and answer.kind in OPENING and answer.reference and answer.person_id
    joined = bool(opened) and _join(account_id, case_id, answer)
    _move(account_id, case_id, TARGETS[answer.state], code=answer.reason, letter="joined" if joined else "")


def note_move(case: Case, event: CaseEvent) -> None:
    """Note whether an officer has it and whether it is closed, and have those told who share the account: called in
    the transaction of each move."""
    noted = {"asked": case.id, "officer": case.status == "with_officer", "closed": case.closed_at}
    session().execute(_NOTE, noted)
    note_shared(case, event)


@job("council_tax.follow", cron="* * * * *")
def follow() -> None:
    """Each minute: have the system asked what became of what an officer has, each case every four minutes or so.

    A resident who sees on their account what an officer has done must not read for long that one will decide. Each is
    noted as asked for before it is: one that fails, or that no worker has come to, is not asked for each minute.
    """
    now = clock.now()
    due = {"now": now, "before": now - FOLLOWED_EVERY, "long_before": now - FOLLOWED_AT_LEAST}
    for case_id in session().scalars(_FOLLOW, due).all():
        follow_one.defer(case_id=str(case_id))


@job("council_tax.follow_one", attempts=1)
def follow_one(case_id: str) -> None:
    """Ask what became of one change. While the system is away, it is asked again when the case is due again."""
    asked = session().execute(_ASKED, {"asked": UUID(case_id)}).one_or_none()
    if asked is None or asked.account_id is None:
        return
    with suppress(Unavailable):
        answer = system(patient=True).find_change(str(asked.sent_as))
        if answer is not None:
            settle(asked.account_id, UUID(case_id), answer)


def _move(account_id: UUID, case_id: UUID, target: str, *, code: str, letter: str = "") -> None:
    """Move the case and tell the resident, by the letter of its new status unless another says it better."""
    try:
        account = get_account(account_id)
        case = get_case(account_id, case_id)
    except NotFound:  # the account was closed meanwhile
        return
    if not case.is_open or case.status == target:
        return
    with in_language(account.language):
        reason = str(reason_for(code)) if target == "refused" else ""
    try:
        moved = move_case(case.id, to=target, actor=ACTOR, channel="system", reason=reason)
    except Refused:  # staff have joined it with another case, which is the one that counts
        log.info("case %s does not follow its change any more", case.id)
        return
    _tell(account, moved, letter or moved.status)


def _tell(account: Account, case: Case, letter: str) -> None:
    path = case_path(case.reference)
    template = f"council_tax/mail/{letter}.txt"
    tell(account, template=template, key=f"{case.status}:{case.id}", path=path, reference=case.reference)


def _join(account_id: UUID, case_id: UUID, answer: ChangeAnswer) -> bool:
    """The account that the move has opened is theirs: they have just made it. Whether it is in their account now.

    An address that was kept from others stays so wherever they move within the area.
    """
    with suppress(NotFound, Conflict):
        account = get_account(account_id)
        left = session().execute(_ASKED, {"asked": case_id}).one().reference
        former = find_joined(account, SERVICE, left) if left else None
        theirs = joined_records(account, SERVICE)
        join_record(
            account,
            service=SERVICE,
            kind=RECORD,
            key=answer.reference,
            person_key=answer.person_id,
            role=former.role if former else "liable",
            protected=any(each.protected for each in theirs),
            how="person",
            actor=ACTOR,
        )
        return True
    return False
