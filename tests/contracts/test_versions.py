"""The versions of the contract: an old service is told what to change, and what will go is told a version ahead."""

import logging
from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from itertools import pairwise
from pathlib import Path

import pytest

from portal.kit import CONTRACT, versions
from portal.kit.checks import BadManifest
from portal.kit.versions import VERSIONS, Version, new_since, parts, to_change_since
from portal.registry.discovery import load
from portal.registry.old_services import warn, warnings_of
from tests.support.invented import SERVICE_PY, WHOLE, invented_package, put

PLOTS = SERVICE_PY.format(slug="plots", more=WHOLE)
OLD = PLOTS.replace('contract="2.0"', 'contract="1.1"')


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A package `council_services` to put services into."""
    yield from invented_package(tmp_path, monkeypatch)


def refusal(folder: Path, text: str) -> str:
    put(folder, "plots", text)
    with pytest.raises(BadManifest) as refused:
        load("council_services.plots")
    return str(refused.value)


def test_versions_stand_in_their_order_and_are_in_the_changelog() -> None:
    numbers = [parts(version.number) for version in VERSIONS]
    assert numbers == sorted(set(numbers))
    assert [version.on for version in VERSIONS] == sorted(version.on for version in VERSIONS)
    assert all(version.new for version in VERSIONS)
    changelog = (Path(__file__).parents[2] / "CHANGELOG.md").read_text().lower()
    assert [version.number for version in VERSIONS if f"contract {version.number}" not in changelog] == []


def test_only_a_major_version_asks_for_changes_and_takes_away_what_was_deprecated_before() -> None:
    """But 2.0, since nobody had a service of 1.x when it came."""
    for before, version in pairwise(VERSIONS):
        is_major = parts(version.number)[0] > parts(before.number)[0]
        assert is_major or not (version.to_change or version.gone), version.number
        assert version.number == "2.0" or set(version.gone) <= set(before.deprecated), version.number


@pytest.mark.parametrize(
    "text",
    [
        OLD,
        OLD.replace("slug=", 'case_page="plots.case", slug='),
        OLD.replace("import Retention", "import Retention, case_page_of"),
    ],
    ids=["whole", "with-a-field-that-is-gone", "with-a-name-that-is-gone"],
)
def test_a_service_of_an_older_major_version_is_told_what_to_change(folder: Path, text: str) -> None:
    said = refusal(folder, text)
    assert said.startswith(
        f"The service in council_services.plots cannot start: `contract` is 1.1 and this portal keeps {CONTRACT}"
    )
    for order in ("`demo` gets a second argument", "`Service.case_page` is gone: a case has", 'say contract="2.1"'):
        assert order in said


def test_one_that_says_the_right_version_and_uses_what_is_gone_is_told_what_to_use(folder: Path) -> None:
    assert "`case_page` is gone: a case has the portal's page" in refusal(
        folder, PLOTS.replace("slug=", 'case_page="plots.case", slug=')
    )


def test_a_name_that_the_kit_never_had_is_named(folder: Path) -> None:
    assert "`Plot` is not in portal.kit: see services/KIT.md" in refusal(
        folder, PLOTS.replace("import Retention", "import Plot, Retention")
    )


def test_a_wrong_call_that_no_version_explains_keeps_its_trace(folder: Path) -> None:
    put(folder, "plots", PLOTS.replace("Retention(what", "Retention(colour=7, what"))
    with pytest.raises(TypeError, match="colour"):
        load("council_services.plots")


def test_an_older_minor_version_is_taken_and_can_ask_what_is_new(folder: Path) -> None:
    put(folder, "plots", PLOTS)
    assert load("council_services.plots").service.contract == "2.0"
    assert to_change_since("2.0") == []
    assert any("`sample`" in new for new in new_since("2.0"))
    assert new_since(CONTRACT) == []


GOING = {
    "move_case": "call `go`",
    "Retention.basis": "say it in `after`",
    "Service.summary": "leave it out",
    "tell": "call `write`",
}
USES = """
from portal.kit import clock, move_case as go_on
import portal.kit


def late():
    return portal.kit.tell, clock
"""


@pytest.fixture
def tomorrow(monkeypatch: pytest.MonkeyPatch) -> None:
    """A next version in which some names are deprecated."""
    invented = Version(number="2.2", on=date(2026, 12, 1), new=("Less.",), deprecated=GOING)
    monkeypatch.setattr(versions, "VERSIONS", (*VERSIONS, invented))


@pytest.mark.usefixtures("tomorrow")
def test_what_will_go_is_warned_of_with_its_replacement(
    folder: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    put(folder, "plots", PLOTS)
    (folder / "plots" / "operations.py").write_text(USES)
    found = load("council_services.plots")
    said = [
        "The service in council_services.plots uses what will go: `Retention.basis` is deprecated since 2.2 and goes"
        " with 3.0: say it in `after`.",
        "The service in council_services.plots uses what will go: `Service.summary` is deprecated since 2.2 and goes"
        " with 3.0: leave it out.",
        "The service in council_services.plots uses what will go: `move_case` is deprecated since 2.2 and goes with"
        " 3.0: call `go`.",
        "The service in council_services.plots uses what will go: `tell` is deprecated since 2.2 and goes with 3.0:"
        " call `write`.",
    ]
    assert warnings_of(found.package, found.folder) == said
    with caplog.at_level(logging.WARNING):
        warn(found.package, found.folder)
    assert [record.getMessage() for record in caplog.records] == said


@pytest.mark.usefixtures("tomorrow")
def test_a_service_that_uses_nothing_of_it_is_left_alone(folder: Path) -> None:
    put(folder, "bees", "from portal.kit import clock\n")
    assert warnings_of("council_services.bees", folder / "bees") == []


def test_nothing_is_read_while_nothing_is_deprecated(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "broken.py").write_text("def")
    monkeypatch.setattr(versions, "VERSIONS", [replace(version, deprecated={}) for version in VERSIONS])
    assert warnings_of("council_services.plots", tmp_path) == ()
