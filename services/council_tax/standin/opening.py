"""A new account: a dwelling, the people on its bill, from a day on. Billing it is for whoever opens it."""

import uuid
from dataclasses import dataclass
from datetime import date
from typing import Final

from sqlalchemy import Connection, insert, select

from services.council_tax.backoffice.values import AdjustmentKind, PersonRole
from services.council_tax.rules.years import year_of
from services.council_tax.standin.dwellings import SINCE, Dwelling
from services.council_tax.standin.store import account, adjustment, liable, next_reference

_NEXT: Final = select(next_reference.next_value())


@dataclass(frozen=True, slots=True)
class Someone:
    """Somebody on the bill."""

    id: str
    name: str
    role: PersonRole = "liable"
    e_billing: bool = False


@dataclass(frozen=True, slots=True)
class Granted:
    """Something that makes the charge differ from the band's. `percent` only where no law fixes it."""

    kind: AdjustmentKind
    code: str
    since_on: date
    until_on: date | None = None
    percent: int = 0
    review_on: date | None = None


@dataclass(frozen=True, slots=True)
class Opening:
    """What an account begins with. Without a reference it gets the next."""

    dwelling: Dwelling
    people: tuple[Someone, ...]
    opened_on: date
    reference: str = ""
    day: int = 1
    protected: bool = False
    send_to: tuple[str, ...] | None = None
    granted: tuple[Granted, ...] = ()


def open_account(db: Connection, new: Opening, today: date) -> str:
    """Open it; its reference. No bill yet."""
    reference = new.reference or str(db.execute(_NEXT).scalar_one())
    home = new.dwelling
    db.execute(
        insert(account),
        {
            "reference": reference,
            "uprn": home.uprn,
            "lines": home.lines,
            "postcode": home.postcode,
            "band": home.band,
            "listed_on": SINCE,
            "opened_on": new.opened_on,
            "day": new.day,
            "protected": new.protected,
            "send_to": new.send_to,
            "billed_year": year_of(new.opened_on) - 1,
            "kept_on": today,
        },
    )
    db.execute(
        insert(liable),
        [
            {
                "reference": reference,
                "person_id": each.id,
                "place": place,
                "name": each.name,
                "role": each.role,
                "since_on": new.opened_on,
                "e_billing": each.e_billing,
            }
            for place, each in enumerate(new.people, 1)
        ],
    )
    for given in new.granted:
        grant(db, reference, given)
    return reference


def grant(db: Connection, reference: str, given: Granted) -> None:
    """Write down what makes the charge differ; billing it is for who grants it."""
    db.execute(
        insert(adjustment),
        {
            "id": uuid.uuid4().hex,
            "reference": reference,
            "kind": given.kind,
            "code": given.code,
            "since_on": given.since_on,
            "until_on": given.until_on,
            "percent": given.percent,
            "review_on": given.review_on,
        },
    )
