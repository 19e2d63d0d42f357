"""The first part of a price, by each of the models: exact, and in words."""

from collections.abc import Iterator, Mapping
from fractions import Fraction

from portal.kit import Lazy, Refused
from portal.kit import gettext as _
from portal.kit import lazy_gettext as _l
from services.permits.rules.lengths import Length
from services.permits.rules.price_models import Flat, Measure, Model, Multiplied, PerGram, Question, Table, row_of
from services.permits.rules.prices import Total, Words


class NotPriced(Refused):
    """The tariff has no price for it; the sentence says why."""


def first_totals(model: Model, question: Question) -> Iterator[Total]:
    """What a model charges, before anything that changes it. Raises NotPriced."""
    match model:
        case Flat():
            yield Total(question.length.said, Fraction(_amount(model.pence, question.length)))
        case Table():
            yield _row(model, question)
        case Multiplied():
            yield from _multiplied(model, question)
        case PerGram():
            yield from _by_gram(model, question)
        case _:
            tier = question.tier or list(model.tiers)[-1]
            if tier not in model.tiers:
                raise NotPriced(_("There is no such band."))
            words = _l("%(length)s, band %(band)s", length=question.length.said, band=tier)
            yield Total(words, Fraction(_amount(model.tiers[tier], question.length)))


def _row(table: Table, question: Question) -> Total:
    limits = tuple(row.upto for row in table.rows)
    value = _measured(table.by, question)
    at = row_of(limits, value)
    words = _l("%(length)s, %(why)s", length=question.length.said, why=_why(table.by, value, limits, at))
    return Total(words, Fraction(_amount(table.rows[at].pence, question.length)))


def _multiplied(model: Multiplied, question: Question) -> Iterator[Total]:
    base = Fraction(_amount(model.base, question.length))
    yield Total(_l("%(length)s, basic price", length=question.length.said), base)
    limits = tuple(row.upto for row in model.rows)
    value = _measured(model.by, question)
    at = row_of(limits, value)
    yield Total(_why(model.by, value, limits, at), base * model.rows[at].times)


def _by_gram(model: PerGram, question: Question) -> Iterator[Total]:
    base = Fraction(_amount(model.base, question.length))
    yield Total(_l("%(length)s, basic price", length=question.length.said), base)
    known = question.vehicle.grams
    grams = model.unknown if known is None else known
    if grams is None or question.length not in model.per_gram:
        raise NotPriced(_("We need to know the vehicle’s CO2 emissions to say what the permit costs."))
    words = (
        _l("CO2 emissions of %(grams)s g/km, each gram charged", grams=grams)
        if known is not None
        else _l("CO2 emissions are not known: charged as %(grams)s g/km", grams=grams)
    )
    yield Total(words, base + grams * model.per_gram[question.length])


def _amount(amounts: Mapping[Length, int], length: Length) -> int:
    if length not in amounts:
        raise NotPriced(_("There is no published price for this vehicle and %(length)s.", length=length.said))
    return amounts[length]


def _measured(by: Measure, question: Question) -> int | None:
    return question.vehicle.grams if by == "co2" else question.vehicle.engine_cc or None


def _why(by: Measure, value: int | None, limits: tuple[int | None, ...], at: int) -> Lazy:
    """Which row it is and for what value: “CO2 emissions of 118 g/km, in the band 101 to 140”."""
    if value is None:
        return (
            _l("CO2 emissions are not known: the highest band")
            if by == "co2"
            else _l("the size of the engine is not known: the highest band")
        )
    band = _band(limits, at)
    if by == "co2":
        return _l("CO2 emissions of %(value)s g/km, in the band %(band)s", value=value, band=band)
    return _l("an engine of %(value)s cc, in the band %(band)s", value=value, band=band)


def _band(limits: tuple[int | None, ...], at: int) -> Words:
    """“0”, “101 to 140” or “186 and over”."""
    least = (limits[at - 1] or 0) + 1 if at else 0
    most = limits[at]
    if most is None:
        return _l("%(least)s and over", least=least)
    return str(most) if least == most else _l("%(least)s to %(most)s", least=least, most=most)
