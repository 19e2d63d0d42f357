"""What the price calculator asks, how it stands in an address, and the councils' rules in words."""

from collections.abc import Iterator
from pathlib import Path
from typing import Final

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.permits.rules.price_models import Question
from services.permits.rules.price_questions import APPROVED, NotAsked, question_args, read_question
from services.permits.rules.refund_words import change_said, refund_said, visits_said
from services.permits.rules.tariff import Tariff, next_after
from services.permits.rules.tariff_data import DATA_FOLDER, load_tariff
from services.permits.rules.vehicles import Fuel, Vehicle
from services.permits.rules.wanted import wanted

PUBLISHED: Final = DATA_FOLDER / "published"
DEMO: Final = load_tariff(DATA_FOLDER / "demo" / "2026.json")


def test_nothing_comes_after_the_last_version() -> None:
    assert next_after([DEMO], DEMO.from_on) is None  # type: ignore[arg-type]  # it has a first day


@pytest.mark.parametrize("path", sorted(DATA_FOLDER.rglob("*.json")), ids=lambda path: path.stem)
def test_every_rule_can_be_said(path: Path) -> None:
    tariff = load_tariff(path)
    assert all(str(each) for each in (*refund_said(tariff.refund), *change_said(tariff.change)))
    if tariff.visits:
        assert all(str(each) for each in visits_said(tariff.visits))


SAID: Final = {
    "eastleigh": "We do not pay back £5 or less.",
    "watford": "More than 3 complete months must be left.",
    "rbkc_2022": "We keep a fee of £11.",
    "swindon": "If you end the permit early, we pay back the complete months that are left.",
}


@pytest.mark.parametrize(("name", "said"), SAID.items())
def test_published_rules_are_said_in_words(name: str, said: str) -> None:
    assert said in [str(each) for each in refund_said(load_tariff(PUBLISHED / f"{name}.json").refund)]


QUESTIONS: Final = st.builds(
    Question,
    kind=st.sampled_from(sorted(DEMO.kinds)),
    length=st.just(DEMO.kinds["resident"].lengths[0]),
    vehicle=st.builds(
        Vehicle,
        co2=st.none() | st.integers(0, 999),
        engine_cc=st.none() | st.integers(0, 20_000),
        fuel=st.none() | st.sampled_from(Fuel),
        first_registered=st.none()
        | st.dates().filter(lambda day: day.year >= 1885).map(lambda day: day.replace(day=1)),
        euro=st.none() | st.integers(1, 9),
        type_approval=st.sampled_from(("", *APPROVED.values())),
        source=st.just("resident"),
    ),
    number=st.integers(1, 9),
    marks=st.frozensets(st.just("blue_badge")),
)


@given(QUESTIONS)
def test_a_question_stands_whole_in_an_address(question: Question) -> None:
    found = read_question(DEMO, question_args(question))
    assert question_args(found) == question_args(question)
    assert (found.kind, found.vehicle, found.number, found.marks) == (
        question.kind,
        question.vehicle,
        question.number,
        question.marks,
    )


@given(
    st.dictionaries(
        st.sampled_from(("kind", "fuel", "co2", "cc", "since", "euro", "sort", "number", "zone", "tier", "marks")),
        st.text(max_size=12) | st.sampled_from(("resident", "diesel", "2019-03", "12", "car")),
    )
)
def test_no_address_brings_the_page_down(args: dict[str, str]) -> None:
    try:
        question = read_question(DEMO, args)
    except NotAsked:
        return
    assert question.kind in DEMO.kinds


def _tariffs() -> Iterator[Tariff]:
    return (load_tariff(path) for path in sorted(PUBLISHED.glob("*.json")))


def test_nobody_is_asked_for_more_than_the_prices_need() -> None:
    asks = {(tariff.code, kind): wanted(tariff, kind) for tariff in _tariffs() for kind in tariff.kinds}
    assert asks["greenwich", "business"].asks == {"fuel", "co2", "sort"}
    assert asks["greenwich", "business"].marks == ("all_zones", "up_to_10_vehicles")
    assert asks["merton", "business"].asks == {"fuel"}
    assert asks["merton", "business"].zones == ("W1", "W2", "W3", "W4", "W5")
    assert not asks["ealing", "allotment"].anything
