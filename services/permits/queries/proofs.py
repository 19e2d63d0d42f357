"""Documents that were sent as proof: for those who sent them, and for officers with the case."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Row, bindparam, select

from portal.kit import Account, Case, Fact, NotFound, StoredFile, find_files, session
from services.permits.models.permits import Proof
from services.permits.rules.proofs import title_of, words_of

COLUMNS = (
    Proof.id,
    Proof.account_id,
    Proof.draft_id,
    Proof.case_id,
    Proof.file_id,
    Proof.purpose,
    Proof.kind,
    Proof.delete_on,
    Proof.created_at,
)
_ALL = select(*COLUMNS).order_by(Proof.created_at, Proof.id)
_OWN = _ALL.where(Proof.account_id == bindparam("account"))
_ONE = _OWN.where(Proof.id == bindparam("proof"))
_OF_DRAFT = _OWN.where(Proof.draft_id == bindparam("draft"))
_OF_CASE = _ALL.where(Proof.case_id == bindparam("case"))


@dataclass(frozen=True, slots=True)
class SentProof:
    """One document. `file` is None once it is deleted; it is `waiting` until it was checked, or `refused`.

    `kind` says what it is, a code of `rules/proofs.py`; it is deleted on `delete_on`.
    """

    id: UUID
    account_id: UUID
    draft_id: UUID | None
    case_id: UUID | None
    file_id: UUID
    purpose: str
    kind: str
    delete_on: date
    created_at: datetime
    file: StoredFile | None

    @property
    def words(self) -> str:
        """What it is, in words."""
        return words_of(self.purpose, self.kind)

    @property
    def counts(self) -> bool:
        """Whether it is there to be read, or soon will be."""
        return self.file is not None and self.file.state != "refused"


def proofs_of_draft(account: Account, draft_id: UUID) -> Sequence[SentProof]:
    """What was added to an application that is being made, in the order in which it came. Another's has none."""
    rows = session().execute(_OF_DRAFT, {"account": account.id, "draft": draft_id}).all()
    return _with_files(account.id, rows)


def purposes_of_draft(account: Account, draft_id: UUID) -> frozenset[str]:
    """What the documents of a draft are there to prove: `Application.proofs`. A refused one proves nothing."""
    return frozenset(each.purpose for each in proofs_of_draft(account, draft_id) if each.counts)


def get_proof(account: Account, proof_id: UUID) -> SentProof:
    """The resident's own. Raises NotFound."""
    row = session().execute(_ONE, {"account": account.id, "proof": proof_id}).one_or_none()
    if row is None:
        raise NotFound
    return _with_files(account.id, [row])[0]


def proofs_of_case(case: Case) -> Sequence[SentProof]:
    """What was sent with a case, in the order in which it came. Get the case first."""
    rows = session().execute(_OF_CASE, {"case": case.id}).all()
    return _with_files(case.account_id, rows) if case.account_id else []


def proof_facts(case: Case) -> Sequence[Fact]:
    """The documents for the case's page, at the desk and the resident's own: each can be opened there."""
    return [Fact(label=title_of(each.purpose), value=each.words, file_id=each.file_id) for each in proofs_of_case(case)]


def all_proofs_of(account: Account) -> Sequence[Mapping[str, Any]]:  # plain values
    """For the resident's data file. The files themselves are among the portal's."""
    return [
        {"purpose": row.purpose, "kind": row.kind, "sent_at": row.created_at, "deleted_on": row.delete_on}
        for row in session().execute(_OWN, {"account": account.id})
    ]


def _with_files(account_id: UUID, rows: Sequence[Row[*tuple[Any, ...]]]) -> Sequence[SentProof]:
    files = {file.id: file for file in find_files(account_id, [row.file_id for row in rows])}
    return [SentProof(**row._mapping, file=files.get(row.file_id)) for row in rows]
