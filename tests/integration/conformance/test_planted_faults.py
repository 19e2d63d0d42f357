"""The kit finds every planted fault, and nothing else; in a good service it finds nothing."""

import uuid
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

import pytest

from portal.cli.service_check import move_in
from portal.conformance import offices
from portal.conformance.checks import office
from portal.conformance.every import EVERY, chosen
from portal.conformance.findings import Outcome
from portal.conformance.house import house_for, house_on
from portal.conformance.judging import judge
from portal.registry.discovery import Mounted
from tests.support.planted import MORE, TOGETHER, Fault, good, plant
from tests.support.planted_office import FILES, OFFICE_FAULTS, WITH_OFFICE

pytestmark = pytest.mark.xdist_group("conformance")


def outcomes_of(mounted: Mounted) -> Mapping[str, Outcome]:
    with house_for(mounted, (), move_in) as house:
        return {each.check: each for each in judge(house, EVERY)}


@pytest.fixture(scope="module")
def clean(tmp_path_factory: pytest.TempPathFactory) -> Mapping[str, Outcome]:
    return outcomes_of(good(tmp_path_factory.mktemp("good"), "planted_nothing"))


@pytest.fixture(scope="module")
def together(tmp_path_factory: pytest.TempPathFactory) -> Mapping[str, Outcome]:
    return outcomes_of(plant(tmp_path_factory.mktemp("bad"), "planted_together", TOGETHER))


@pytest.fixture(scope="module")
def more(tmp_path_factory: pytest.TempPathFactory) -> Mapping[str, Outcome]:
    return outcomes_of(plant(tmp_path_factory.mktemp("more"), "planted_more", MORE))


@pytest.mark.parametrize("check", [each.name for each in EVERY])
def test_nothing_is_found_in_what_service_new_writes(clean: Mapping[str, Outcome], check: str) -> None:
    assert clean[check].findings == []


@pytest.mark.parametrize("fault", TOGETHER, ids=lambda fault: fault.name)
def test_a_planted_fault_is_found(together: Mapping[str, Outcome], fault: Fault) -> None:
    assert said(together[fault.check], [fault])


@pytest.mark.parametrize("fault", MORE, ids=lambda fault: fault.name)
def test_another_planted_fault_is_found(more: Mapping[str, Outcome], fault: Fault) -> None:
    assert said(more[fault.check], [fault])


def test_nothing_else_is_found(together: Mapping[str, Outcome], more: Mapping[str, Outcome]) -> None:
    for outcomes, faults in ((together, TOGETHER), (more, MORE)):
        assert list(beside(outcomes, faults)) == []


def names(faults: tuple[Fault, ...]) -> str:
    return faults[0].name if faults else "no fault"


@pytest.mark.parametrize("faults", [(), *((each,) for each in OFFICE_FAULTS)], ids=names)
def test_each_way_of_meeting_an_office_badly_is_found(
    tmp_path: Path, empty_database_url: str, monkeypatch: pytest.MonkeyPatch, faults: tuple[Fault, ...]
) -> None:
    monkeypatch.setattr(office, "MOST_SECONDS", 3.0)
    monkeypatch.setattr(offices, "SLOW_SECONDS", 4.0)
    mounted = plant(tmp_path, f"planted_{uuid.uuid4().hex[:8]}", (WITH_OFFICE, *faults), FILES)
    with house_on(empty_database_url, mounted, (), move_in) as house:
        [outcome] = judge(house, chosen(("office",)))
    found = said(outcome, faults)
    assert [each.what for _, each in outcome.findings] == found
    assert bool(found) == bool(faults)
    assert len(outcome.looks) == 4


def said(outcome: Outcome, faults: Sequence[Fault]) -> list[str]:
    return [each.what for _, each in outcome.findings if any(fault.says in each.what for fault in faults)]


def beside(outcomes: Mapping[str, Outcome], faults: Sequence[Fault]) -> Iterator[tuple[str, str]]:
    for outcome in outcomes.values():
        expected = [fault for fault in faults if outcome.check in {fault.check, *fault.also}]
        found = said(outcome, expected)
        yield from ((outcome.check, each.what) for _, each in outcome.findings if each.what not in found)
