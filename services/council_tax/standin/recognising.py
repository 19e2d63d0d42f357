"""Whose record somebody's answers fit, and which facts would settle it."""

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any, Final

from sqlalchemy import Connection, Row, bindparam, select

from services.council_tax.backoffice.values import MatchAnswer, Person
from services.council_tax.standin import instalments, matching, records
from services.council_tax.standin.store import account, entry

AnyRow = Row[Any]  # a row of a table, whose columns SQLAlchemy's Core does not type
ASKED: Final = 2
"""How many facts settle it: one could be guessed."""
AMOUNTS: Final = ("last_payment_pence", "instalment_pence")
"""Often one and the same, and both follow from the band: never more than one of them is asked."""
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

    A name and a postcode that both fit are enough. Where one of them fits in part, facts from the bill settle it.
    Where they do not, it is as if there were no such account. Of an address that is kept from others both must fit
    and facts are asked besides: before that, nobody learns that a number and a name belong together.
    """
    row = db.execute(_ACCOUNT, {"ref": matching.digits(reference)[:12]}).one_or_none()
    if row is None:
        return NOBODY
    people = [
        each
        for each in records.people(db, row.reference)
        if each.role != "agent" and (each.until_on is None or row.closed_on)
    ]
    near = matching.same_postcode(postcode, row.postcode) or _is_sent_to(row, postcode)
    person, how = _person(name, people)
    fits = near and how == "all"
    if person is None or not (fits or (not row.protected and (near or how == "all"))):
        return NOBODY
    about = {"person_id": person.id, "role": person.role, "protected": row.protected}
    if fits and not row.protected:
        return MatchAnswer.model_validate({"outcome": "matched", **about})
    known = _facts(db, row, person)
    asks = _asks(known, protected=row.protected)
    if len(asks) < ASKED:
        return MatchAnswer(outcome="not_matched", wrong="name_or_postcode")
    if any(code not in facts for code in asks):
        wrong = "" if fits else "name_or_postcode"
        return MatchAnswer.model_validate({"outcome": "ask_more", "wrong": wrong, "asks": asks, **about})
    if all(_same(facts[code], known[code]) for code in asks):
        return MatchAnswer.model_validate({"outcome": "matched", **about})
    return MatchAnswer(outcome="not_matched", wrong="facts")


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
    """What would settle it, each with the answers that fit."""
    found: dict[str, tuple[str, ...]] = {}
    paid = db.execute(_LAST_PAYMENT, {"ref": row.reference}).scalar_one_or_none()
    if paid is not None:
        found["last_payment_pence"] = (str(-paid),)
    plan = instalments.read(db, row.reference, row.billed_year)
    if plan:
        found["instalment_pence"] = tuple(dict.fromkeys(str(each.pence) for each in plan))
    debit = records.debit_row(db, row.reference)
    if debit is not None and debit.state != "cancelled":
        found["direct_debit_ending"] = (debit.account_ending,)
    found["moved_in_on"] = (person.since_on.isoformat(),)
    return found


def _asks(known: Mapping[str, object], *, protected: bool) -> tuple[str, ...]:
    """Which facts to ask: an amount and another. Of a protected address no amount, where there is enough besides."""
    amount = [code for code in AMOUNTS if code in known][:1]
    others = [code for code in known if code not in AMOUNTS]
    return tuple([*others, *amount] if protected else [*amount, *others])[:ASKED]


def _same(said: str, known: Sequence[str]) -> bool:
    """Figures and days as they are; of an account number the end counts."""
    plain = said.strip()
    try:
        plain = date.fromisoformat(plain).isoformat()
    except ValueError:
        plain = matching.digits(plain)
    return plain in known or (len(known[0]) == 2 and len(plain) > 2 and plain.endswith(known[0]))
