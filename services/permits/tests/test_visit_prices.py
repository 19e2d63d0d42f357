"""What visitors' parking costs, by the published prices."""

from typing import Any, Final

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.permits.rules.tariff_data import DATA_FOLDER, BadTariff, load_tariff, tariff_from
from services.permits.rules.visit_prices import (
    Book,
    Concession,
    Span,
    VisitPrices,
    book_price,
    books_a_year,
    cheapest,
    time_said,
    visit_price,
)

HOUR: Final = 60
DAY: Final = 24 * HOUR
DISABLED: Final = frozenset({"disabled"})


def published(name: str) -> VisitPrices:
    """The visitors' prices of a tariff of `data/published`."""
    found = load_tariff(DATA_FOLDER / "published" / f"{name}.json").visits
    assert found is not None
    return found


VISITS: Final = {
    "Fulham, an hour": ("hf_2025", HOUR, frozenset(), 0, 1_80),
    "Fulham, a minute": ("hf_2025", 1, frozenset(), 0, 1_80),
    "Fulham, ten hours": ("hf_2025", 10 * HOUR, frozenset(), 0, 18_00),
    "Fulham, disabled": ("hf_2025", 10 * HOUR, DISABLED, 0, 9_00),
    "Fulham, disabled, to the limit": ("hf_2025", 10 * HOUR, DISABLED, 230 * HOUR, 9_00),
    "Fulham, disabled, beyond the limit": ("hf_2025", 10 * HOUR, DISABLED, 236 * HOUR, 4 * 90 + 6 * 180),
    "Fulham, disabled, all used": ("hf_2025", HOUR, DISABLED, 240 * HOUR, 1_80),
    "Kingston, an hour": ("kingston", HOUR, frozenset(), 0, 50),
    "Kingston, two hours": ("kingston", 2 * HOUR, frozenset(), 0, 1_00),
    "Kingston, six hours": ("kingston", 6 * HOUR, frozenset(), 0, 1_50),
    "Kingston, seven hours": ("kingston", 7 * HOUR, frozenset(), 0, 2_00),
    "Kingston, a day": ("kingston", DAY, frozenset(), 0, 3_00),
    "Haringey, an hour": ("haringey", HOUR, frozenset(), 0, 88),
    "Haringey, four hours": ("haringey", 4 * HOUR, frozenset(), 0, 3_52),
    "Haringey, a day": ("haringey", 5 * HOUR, frozenset(), 0, 4_00),
    "Haringey, an hour at the concession": ("haringey", HOUR, frozenset({"concession"}), 0, 41),
    "Haringey, a day at the concession": ("haringey", DAY, frozenset({"concession"}), 0, 2_00),
    "Ealing, an hour": ("ealing_2022", HOUR, frozenset(), 0, 80),
    "Ealing, five hours": ("ealing_2022", 5 * HOUR, frozenset(), 0, 4_00),
    "Ealing, never more in a day": ("ealing_2022", 6 * HOUR, frozenset(), 0, 4_50),
}


@pytest.mark.parametrize(("name", "minutes", "marks", "used", "pence"), VISITS.values(), ids=VISITS.keys())
def test_a_visit_costs_what_is_published(name: str, minutes: int, marks: frozenset[str], used: int, pence: int) -> None:
    price = visit_price(published(name), minutes, marks, used)
    assert price.pence == pence
    assert sum(step.pence for step in price.steps) == pence


BOOKS: Final = {
    "everybody": (frozenset(), 15_00, 24),
    "60 or older": (frozenset({"over_60"}), 0, 24),
    "a daily carer": (frozenset({"carer"}), 0, 48),
    "a home without permits": (frozenset({"car_free"}), 15_00, 3),
    "a carer in such a home": (frozenset({"carer", "car_free"}), 0, 48),
}


@pytest.mark.parametrize(("marks", "pence", "most"), BOOKS.values(), ids=BOOKS.keys())
def test_books_in_tower_hamlets(marks: frozenset[str], pence: int, most: int) -> None:
    book = published("tower_hamlets").book
    assert book is not None
    assert book_price(book, marks).pence == pence
    assert books_a_year(book, marks) == most


def test_books_without_a_limit() -> None:
    assert books_a_year(Book(10, 15_00)) is None


def test_limits_that_are_published() -> None:
    assert published("kingston").sessions_a_year == 200
    assert published("kingston").least_purchase == 10_00
    assert published("kingston").refund == "unused"
    assert published("haringey").at_once == 2
    assert published("haringey").refund == "none"


SPANS: Final = st.lists(
    st.builds(Span, minutes=st.sampled_from((15, 30, 60, 90, 240, 1440)), pence=st.integers(0, 1000)),
    min_size=1,
    max_size=4,
)


@given(SPANS, st.integers(1, 2000))
def test_the_cheapest_spans_cover_the_visit_and_nothing_cheaper_does(spans: list[Span], minutes: int) -> None:
    found = cheapest(spans, minutes)
    one_kind = min(-(-minutes // span.minutes) * span.pence for span in spans)
    assert 0 <= found <= one_kind
    assert found <= min(
        cheapest(spans, minutes - span.minutes) + span.pence if minutes > span.minutes else span.pence for span in spans
    )
    assert found <= cheapest(spans, minutes + 1)


@given(SPANS, SPANS, st.integers(1, 2000), st.integers(0, 3000))
def test_what_exceeds_the_limit_costs_the_full_price(
    spans: list[Span], less: list[Span], minutes: int, used: int
) -> None:
    prices = VisitPrices(tuple(spans), (Concession("disabled", tuple(less), 1000),))
    reduced = min(minutes, max(0, 1000 - used))
    expected = (cheapest(less, reduced) if reduced else 0) + (
        cheapest(spans, minutes - reduced) if minutes > reduced else 0
    )
    assert visit_price(prices, minutes, DISABLED, used).pence == expected


@pytest.mark.parametrize("minutes", [0, -60, 527_041])
def test_no_visit_is_that_short_or_long(minutes: int) -> None:
    with pytest.raises(ValueError, match="no visit"):
        visit_price(published("hf_2025"), minutes)


def test_who_sells_books_alone_has_no_price_by_time() -> None:
    with pytest.raises(ValueError, match="priced by its time"):
        visit_price(published("tower_hamlets"), HOUR)


TIMES: Final = [
    (0, "0 minutes"),
    (1, "1 minute"),
    (45, "45 minutes"),
    (60, "1 hour"),
    (61, "1 hour 1 minute"),
    (90, "1 hour 30 minutes"),
    (180, "3 hours"),
    (908, "15 hours 8 minutes"),
]


@pytest.mark.parametrize(("minutes", "said"), TIMES)
def test_times_are_said_in_words(minutes: int, said: str) -> None:
    assert str(time_said(minutes)) == said


BAD: Final[dict[str, dict[str, Any]]] = {
    "nothing sold": {},
    "no minutes": {"spans": [{"minutes": 0, "pence": 1}]},
    "a mark without words": {
        "spans": [{"minutes": 60, "pence": 1}],
        "concessions": [{"mark": "tall", "spans": [{"minutes": 60, "pence": 0}]}],
    },
}


@pytest.mark.parametrize("visits", BAD.values(), ids=BAD.keys())
def test_prices_for_visitors_that_cannot_be_right_are_refused(visits: dict[str, Any]) -> None:
    with pytest.raises(BadTariff):
        tariff_from({"code": "any", "authority": "Anywhere", "kinds": {}, "sources": ["here"], "visits": visits})
