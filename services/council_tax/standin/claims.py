"""Discounts, exemptions, band reduction and council tax reduction, as this council deals with them."""

from collections.abc import Mapping
from datetime import timedelta
from typing import Any, Final

from sqlalchemy import Row, bindparam, or_, select, update

from services.council_tax.backoffice.changes import (
    ClaimBandReduction,
    ClaimDiscount,
    ClaimExemption,
    ClaimReduction,
    EndDiscount,
)
from services.council_tax.backoffice.values import AdjustmentKind
from services.council_tax.rules.discounts import BY_CODE as DISCOUNTS
from services.council_tax.standin import billing, records
from services.council_tax.standin.asked import OFFICER, Act, Ask, Done
from services.council_tax.standin.opening import Granted, grant
from services.council_tax.standin.store import adjustment

AnyRow = Row[Any]  # a row of a table, whose columns SQLAlchemy's Core does not type
Claim = ClaimDiscount | ClaimExemption | ClaimBandReduction | ClaimReduction

REDUCTION: Final = 60
"""The part of the charge, per cent, that this council's invented scheme takes off whoever it lets in."""
REVIEW: Final = timedelta(days=365)

_HELD = select(adjustment).where(
    adjustment.c.reference == bindparam("ref"),
    or_(adjustment.c.until_on.is_(None), adjustment.c.until_on >= bindparam("since")),
)
_END = (
    update(adjustment).where(adjustment.c.id == bindparam("which")).values(until_on=bindparam("last"), review_on=None)
)


def _look(asked: Ask) -> str:
    """Only what needs no proof is accepted at once: the single person discount of somebody alone on the bill."""
    claim = asked.change
    assert isinstance(claim, Claim)
    until_on = getattr(claim, "until_on", None)
    if asked.account.closed_on is not None and claim.since_on >= asked.account.closed_on:
        return "account_closed"
    if until_on is not None and until_on < claim.since_on:
        return "wrong_dates"
    if wrong := asked.wrong_day(claim.since_on):
        return wrong
    held = asked.db.execute(_HELD, {"ref": asked.account.reference, "since": claim.since_on}).all()
    if any(each.kind == _kind(claim) and each.code == _code(claim) for each in held):
        return "already_has"
    if any(each.kind == "exemption" for each in held) and claim.kind == "exemption":
        return "already_has"
    alone = sum(each.until_on is None for each in records.people(asked.db, asked.account.reference)) == 1
    recent = claim.since_on >= asked.today - timedelta(days=92)
    return "" if _code(claim) == "single_person" and alone and recent else OFFICER


def _grant(asked: Ask) -> Done:
    """It holds from its day, and a new bill says so."""
    claim = asked.change
    assert isinstance(claim, Claim)
    until_on = getattr(claim, "until_on", None)
    given = Granted(
        _kind(claim),
        _code(claim),
        claim.since_on,
        until_on,
        percent=REDUCTION if claim.kind == "reduction" else 0,
        review_on=None if until_on else asked.today + REVIEW,
    )
    grant(asked.db, asked.account.reference, given)
    return Done(claim.since_on, billing.rebill(asked.db, asked.account.reference, issued_on=asked.today))


def _look_at_end(asked: Ask) -> str:
    ended = asked.change
    assert isinstance(ended, EndDiscount)
    found = _held(asked, ended)
    if found is None:
        return "no_such_discount"
    if ended.ended_on < found.since_on - timedelta(days=1):
        return "before_discount"
    return "too_far_ahead" if ended.ended_on > asked.today + timedelta(days=92) else ""


def _end(asked: Ask) -> Done:
    ended = asked.change
    assert isinstance(ended, EndDiscount)
    found = _held(asked, ended)
    assert found is not None, "it was looked at under the same lock"
    asked.db.execute(_END, {"which": found.id, "last": ended.ended_on})
    return Done(ended.ended_on, billing.rebill(asked.db, asked.account.reference, issued_on=asked.today))


def _held(asked: Ask, ended: EndDiscount) -> AnyRow | None:
    held = asked.db.execute(_HELD, {"ref": asked.account.reference, "since": ended.ended_on}).all()
    return next((each for each in held if each.code == ended.code), None)


def _code(claim: Claim) -> str:
    return "reduction" if isinstance(claim, ClaimReduction) else claim.code


def _kind(claim: Claim) -> AdjustmentKind:
    """A discount may be a council's own: LGFA 1992 s13A(1)(c)."""
    known = DISCOUNTS.get(_code(claim)) if isinstance(claim, ClaimDiscount) else None
    return known.change().kind if known else claim.kind


_CLAIM: Final = Act(_look, _grant)
ACTS: Final[Mapping[str, Act]] = {
    "discount": _CLAIM,
    "exemption": _CLAIM,
    "band_reduction": _CLAIM,
    "reduction": _CLAIM,
    "discount_end": Act(_look_at_end, _end),
}
