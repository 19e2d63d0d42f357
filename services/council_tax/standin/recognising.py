"""Whose record somebody's answers fit, and which facts would settle it."""

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any, Final

from sqlalchemy import Connection, Row, bindparam, select

from services.council_tax.backoffice.values import MatchAnswer, Person
from services.council_tax.standin import instalments, matching, records
from services.council_tax.standin.store import account, entry

AnyRow = Row[Any]  # a row of a table, whose columns SQLAlchemy's Core does not type
ASKED: Final = ("instalment_pence", "moved_in_on")
"""Asked of everybody, whatever they typed: number, name and postcode all stand on the envelope. What is asked may not
depend on the account, or the question would tell whose number it is."""
PROTECTED_ASKED: Final = "direct_debit_ending"
"""Asked besides once the others were right, where an address is kept from others. It follows from no band."""
NOBODY: Final = MatchAnswer(outcome="not_matched", wrong="reference")
"""For a reference that nobody has, and for one that is somebody else's: nobody can tell which."""

_ACCOUNT = select(account).where(account.c.reference == bindparam("ref"))
_LAST_PAYMENT = (
    select(entry.c.pence)
    .where(entry.c.reference == bindparam("ref"), entry.c.kind.in_(("payment", "direct_debit")), entry.c.pence < 0)
    .order_by(entry.c.id.desc())
    .limit(1)
)


def match(db: Connection, reference: str, name: str, postcode: str, facts: Mapping[str, str]) -> MatchAnswer:
    """Whether these answers fit.

    Facts from the bill are asked of everybody, so before they are answered nobody learns whether a number, a name and
    a postcode belong together. Where name or postcode fit in part, the facts settle it. Of an address that is kept
    from others both must fit, more is asked, and it is never said that the facts alone were wrong.
    """
    row = db.execute(_ACCOUNT, {"ref": matching.digits(reference)[:12]}).one_or_none()
    person, fits = _whose(db, row, name, postcode) if row is not None else (None, False)
    about = {"person_id": person.id, "role": person.role, "protected": row.protected} if row and person else {}
    if not _told(facts, ASKED):
        wrong = "" if fits else "name_or_postcode" if about else "reference"
        return MatchAnswer.model_validate({"outcome": "ask_more", "wrong": wrong, "asks": ASKED, **about})
    if row is None or person is None:
        return NOBODY
    known = _facts(db, row, person)
    asks = (*ASKED, PROTECTED_ASKED) if row.protected and PROTECTED_ASKED in known else ASKED
    if not all(_same(code, facts[code], known[code]) for code in asks if code in facts):
        return NOBODY if row.protected or not fits else MatchAnswer(outcome="not_matched", wrong="facts")
    if not _told(facts, asks):
        return MatchAnswer.model_validate({"outcome": "ask_more", "asks": asks, **about})
    return MatchAnswer.model_validate({"outcome": "matched", **about})


def _told(facts: Mapping[str, str], asks: Sequence[str]) -> bool:
    return all(code in facts for code in asks)


def _whose(db: Connection, row: AnyRow, name: str, postcode: str) -> tuple[Person | None, bool]:
    """Whom name and postcode fit, and whether both do wholly. Nobody where neither does, as if there were no account;
    of an address that is kept from others, nobody unless both do."""
    people = [
        each
        for each in records.people(db, row.reference)
        if each.role != "agent" and (each.until_on is None or row.closed_on)
    ]
    near = matching.same_postcode(postcode, row.postcode) or _is_sent_to(row, postcode)
    person, how = _person(name, people)
    fits = near and how == "all"
    enough = fits or (not row.protected and (near or how == "all"))
    return (person, fits) if enough else (None, False)


def _person(name: str, people: Sequence[Person]) -> tuple[Person | None, matching.Fit]:
    """Whom a name fits; nobody where it fits two alike."""
    for how in ("all", "part"):
        found = [each for each in people if matching.fit(name, each.name) == how]
        if len(found) == 1:
            return found[0], matching.fit(name, found[0].name)
        if found:
            break
    return None, "none"


def _is_sent_to(row: AnyRow, postcode: str) -> bool:
    """A landlord knows the postcode to which the bill comes."""
    return bool(row.send_to) and matching.same_postcode(postcode, row.send_to[-1])


def _facts(db: Connection, row: AnyRow, person: Person) -> Mapping[str, tuple[str, ...]]:
    """What would settle it, each with the answers that fit. Without a payment there is none that fits: then it takes
    a letter or a caseworker."""
    paid = db.execute(_LAST_PAYMENT, {"ref": row.reference}).scalar_one_or_none()
    plan = [each.pence for each in instalments.read(db, row.reference, row.billed_year)]
    amounts = [*plan, -paid] if paid is not None else plan
    found = {
        "instalment_pence": tuple(dict.fromkeys(map(str, amounts))),
        "moved_in_on": (person.since_on.isoformat(),),
    }
    debit = records.debit_row(db, row.reference)
    if debit is not None and debit.state != "cancelled":
        found["direct_debit_ending"] = (debit.account_ending,)
    return found


def _same(code: str, said: str, known: Sequence[str]) -> bool:
    """Figures and days as they are; of the number of a bank account the end counts."""
    plain = said.strip()
    try:
        plain = date.fromisoformat(plain).isoformat()
    except ValueError:
        plain = matching.digits(plain)
    return (plain[-2:] if code == PROTECTED_ASKED else plain) in known
