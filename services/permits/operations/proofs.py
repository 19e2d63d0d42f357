"""Documents as proof: added to an application, handed in with it, and deleted on their date."""

import uuid
from contextlib import suppress
from datetime import date, datetime, timedelta
from typing import IO, Any, Final
from uuid import UUID

from sqlalchemy import bindparam, delete, insert, select, update

from portal.kit import (
    Account,
    Conflict,
    NotFound,
    Refused,
    clock,
    delete_file,
    get_draft,
    hold_draft,
    keep_file,
    limit,
    receive,
    session,
    settings_of,
)
from portal.kit import gettext as _
from services.permits.models.permits import Proof
from services.permits.queries.proofs import get_proof, proofs_of_draft
from services.permits.rules.proofs import DOCUMENTS, MOST_OF_A_PURPOSE, UNDECIDED, UNSENT, Purpose
from services.permits.rules.proofs import delete_on as date_of
from services.permits.settings import PermitSettings
from services.permits.workflow import SERVICE

AN_HOUR: Final = 30
PROOF_DAYS: Final[int] = PermitSettings.model_fields["proof_days"].default

_ADD = insert(Proof)
_REMOVE = delete(Proof).where(Proof.account_id == bindparam("account"), Proof.id == bindparam("proof"))
_HAND_IN = (
    update(Proof)
    .where(Proof.account_id == bindparam("account"), Proof.draft_id == bindparam("draft"), Proof.case_id.is_(None))
    .values(case_id=bindparam("case"), delete_on=bindparam("until"))
    .returning(Proof.account_id, Proof.file_id)
)
# Never later than it was: the first decision counts, and a case that is closed later starts no new time.
_DATE = (
    update(Proof)
    .where(Proof.case_id == bindparam("case"), Proof.delete_on > bindparam("until"))
    .values(delete_on=bindparam("until"))
    .returning(Proof.account_id, Proof.file_id)
)
_CLAIM = update(Proof).where(Proof.account_id == bindparam("source")).values(account_id=bindparam("now"))
_FORGET = delete(Proof).where(Proof.account_id == bindparam("account"))
_SOME_OVER = select(Proof.id).where(Proof.delete_on < bindparam("today")).order_by(Proof.delete_on, Proof.id).limit(500)
_OVER = delete(Proof).where(Proof.id.in_(_SOME_OVER)).returning(Proof.id)
_PLAIN: Final = {"synchronize_session": False}


def add_proof(account: Account, *, draft_id: UUID, purpose: Purpose, kind: str, stream: IO[bytes]) -> UUID:
    """Add a document to an application. Call it before anything is written: the file goes to the store first.

    It can be read once the worker has checked it. Returns the proof's id. Raises NotFound for another's draft, Refused
    when it is no document or there are too many, Conflict when the application was sent, TooMany, Unavailable.
    """
    _check_room(account, get_draft(account.id, draft_id).service, draft_id, purpose, kind)
    limit(f"permits.proof:{account.id}", limit=AN_HOUR, seconds=3600)
    until = clock.today() + UNSENT
    file = receive(stream, account_id=account.id, service=SERVICE, purpose="proof", kind="document", delete_on=until)
    draft = hold_draft(account, draft_id)  # another window may have sent it, or added one, meanwhile
    if draft.case_id is not None:
        raise Conflict(_("You have sent this application already."))
    _check_room(account, draft.service, draft_id, purpose, kind)
    row: dict[str, Any] = {  # columns of many types
        "id": uuid.uuid4(),
        "account_id": account.id,
        "draft_id": draft_id,
        "file_id": file.id,
        "purpose": purpose,
        "kind": kind,
        "delete_on": until,
        "created_at": clock.now(),
    }
    session().execute(_ADD, row)
    made: UUID = row["id"]
    return made


def remove_proof(account: Account, *, proof_id: UUID) -> None:
    """Take a document out of an application again. Raises NotFound, Conflict when it was sent."""
    proof = get_proof(account, proof_id)
    if proof.draft_id is None or hold_draft(account, proof.draft_id).case_id is not None:
        raise Conflict(_("You have sent this application already."))
    session().execute(_REMOVE, {"account": account.id, "proof": proof_id}, execution_options=_PLAIN)
    with suppress(NotFound):  # swept away meanwhile
        delete_file(account.id, proof.file_id)


def discard_proofs(account: Account, *, draft_id: UUID) -> None:
    """The application is given up or begun anew: its documents go at once. Raises Conflict when it was sent."""
    for proof in proofs_of_draft(account, draft_id):
        remove_proof(account, proof_id=proof.id)


def hand_in(account: Account, *, draft_id: UUID, case_id: UUID, decided: bool) -> None:
    """Let the documents of a draft go with its case, in the transaction that sends it.

    `decided` says that the rules have decided: then the documents' time begins today, else with the officer's decision.
    Raises Refused when one turned out to be no document: the page says which, and what to do.
    """
    if any(proof.file is not None and not proof.counts for proof in proofs_of_draft(account, draft_id)):
        raise Refused(_("One of your documents cannot be used. Remove it first; the page with the documents says why."))
    until = clock.today() + UNDECIDED
    sent = {"account": account.id, "draft": draft_id, "case": case_id, "until": until}
    _keep(session().execute(_HAND_IN, sent, execution_options=_PLAIN).all(), until)
    if decided:
        date_proofs(case_id)


def date_proofs(case_id: UUID) -> None:
    """The case is decided: its documents are deleted so many days after today, as the council has set it."""
    until = date_of(clock.today(), settings_of(PermitSettings).proof_days)
    _keep(session().execute(_DATE, {"case": case_id, "until": until}, execution_options=_PLAIN).all(), until)


def claim_proofs(source: UUID, account: Account) -> None:
    """What staff took in under `source` for somebody who has claimed it since is that resident's own."""
    session().execute(_CLAIM, {"source": source, "now": account.id}, execution_options=_PLAIN)


def forget_proofs(account: Account) -> None:
    """What was sent as proof goes with the resident; the portal deletes the files."""
    session().execute(_FORGET, {"account": account.id}, execution_options=_PLAIN)


def let_go_of_proofs(before: datetime) -> int:
    """Delete what is known of documents that were to be kept until before that moment; the portal deletes the files.

    Each has its own last day, which counts the council's days of keeping; `before` is the usual number of days ago.
    """
    today = (before + timedelta(days=PROOF_DAYS)).astimezone(clock.LOCAL).date()
    return len(session().scalars(_OVER, {"today": today}, execution_options=_PLAIN).all())


def _check_room(account: Account, service: str, draft_id: UUID, purpose: Purpose, kind: str) -> None:
    if service != SERVICE or kind not in DOCUMENTS.get(purpose, {}):
        raise NotFound
    here = [proof for proof in proofs_of_draft(account, draft_id) if proof.purpose == purpose]
    if len(here) >= MOST_OF_A_PURPOSE:
        raise Refused(_("You can send %(most)s files here. Remove one first.", most=MOST_OF_A_PURPOSE))


def _keep(kept: Any, until: date) -> None:  # rows of account and file
    for account_id, file_id in kept:
        with suppress(NotFound):  # the resident deleted it, or was forgotten
            keep_file(account_id, file_id, until=until)
