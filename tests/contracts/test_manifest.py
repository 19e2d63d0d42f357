"""A bad manifest stops the start with a sentence that names the service and the field."""

import dataclasses
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from flask import Blueprint

from portal.errors import SetupError
from portal.kit import Command, DeskPages, Mount, Retention, Sample, Service, ServiceSettings, Standin, Story
from portal.kit.checks import BadManifest, check_manifest
from portal.kit.settings import read_settings
from portal.registry.discovery import discover, load
from tests.support.invented import SERVICE_PY, WHOLE, invented_package, put
from tests.support.services.allotments.service import SERVICE as GOOD

WHERE = "services.allotments"


def changed(**changes: Any) -> Service:
    return dataclasses.replace(GOOD, **changes)


def mount(**changes: Any) -> Mount:
    good: dict[str, Any] = {"path": "/plots/v2", "blueprint": Blueprint("allotments_api", __name__), "refuse": print}
    return Mount(**(good | changes))


def story(**changes: Any) -> Story:
    good: dict[str, Any] = {
        "code": "get-a-plot",
        "title": "Get a plot",
        "who": "Ann",
        "steps": ["Choose “Get a plot”."],
        "url": "/services/allotments/",
        "done": bool,
        "walk": "services.allotments.demo:get_a_plot",
    }
    return Story(**(good | changes))


def sample(**values: Any) -> Sample:
    return Sample(**values)


def keeping(**changes: Any) -> Retention:
    return Retention(what="Plots", days=1, after="the end", basis="law", **changes)


@pytest.mark.parametrize(
    "changes",
    [
        {"stories": [story(), story(code="leave-a-plot")]},
        {"sample": Sample(answers={"postcode": "EX1 1AA", "days": ["monday", "friday"]}, fill=print)},
        {"retention": [keeping(tables=["plot"], let_go=int)]},
    ],
    ids=["stories", "sample", "retention"],
)
def test_what_is_new_in_2_1_is_taken(changes: dict[str, Any]) -> None:
    service = changed(**changes)
    assert check_manifest(service, WHERE) is service


def test_a_good_mount_is_taken() -> None:
    service = changed(mounts=[mount()])
    assert check_manifest(service, WHERE) is service


def test_a_good_manifest_is_taken() -> None:
    assert check_manifest(GOOD, WHERE) is GOOD


@pytest.mark.parametrize(
    ("field", "value", "complaint"),
    [
        ("slug", "Allotments", "lower-case"),
        ("slug", "allot ments", "lower-case"),
        ("slug", "../allotments", "lower-case"),
        ("slug", "a" * 41, "at most 40"),
        ("slug", 7, "lower-case"),
        ("slug", "portal", "the portal uses itself"),
        ("slug", "pg_catalog", "the portal uses itself"),
        ("slug", "payments", "the portal uses itself"),
        ("slug", "plots", "the folder has another name"),
        ("contract", "3.0", "upgrade the portal"),
        ("contract", "0.9", "Change this"),
        ("contract", "2.99", "upgrade the portal"),
        ("contract", 1.0, "must be a version"),
        ("contract", "one", "must be a version"),
        ("title", "  ", "must not be empty"),
        ("summary", "", "must not be empty"),
        ("blueprint", None, "service_blueprint"),
        ("blueprint", Blueprint("other", __name__), "must be named `allotments`"),
        ("blueprint", Blueprint("allotments", __name__, url_prefix="/x"), "no URL prefix"),
        ("assurance", 2, "portal.kit.Assurance"),
        ("freshness", 600, "must be a timedelta"),
        ("freshness", timedelta(seconds=59), "at least a minute"),
        ("export", None, "must be a function"),
        ("forget", "later", "must be a function"),
        ("home_cards", [], "must be a function"),
        ("activity", 1, "must be a function"),
        ("calendar", 1, "must be a function"),
        ("check", True, "must be a function"),
        ("demo", "yes", "must be a function or None"),
        ("payables", ["a permit"], "portal.kit.Payable"),
        ("mounts", "/plots", "portal.kit.Mount"),
        ("mounts", [mount(path="plots/v2")], "at a path of small letters"),
        ("mounts", [mount(path="/plots/")], "at a path of small letters"),
        ("mounts", [mount(path="/<slug>")], "at a path of small letters"),
        ("mounts", [mount(blueprint=Blueprint("plots", __name__))], "service_blueprint"),
        ("mounts", [mount(blueprint=Blueprint("allotments_api", __name__, url_prefix="/x"))], "service_blueprint"),
        ("mounts", [mount(refuse="no")], "`refuse`"),
        ("desk", "pages", "must be a portal.kit.DeskPages"),
        ("desk", DeskPages(blueprint=Blueprint("plots", __name__), title="Plots", front="front"), "service_blueprint"),
        (
            "desk",
            DeskPages(blueprint=Blueprint("allotments_desk", __name__), title="Plots", front="a.front"),
            "a view of its blueprint",
        ),
        ("for_everyone", ["prices"], "portal.kit.Card"),
        ("retention", "six years", "must be a sequence of portal.kit.Retention"),
        ("retention", [], "must say how long"),
        ("retention", [keeping(tables="plot")], "in a sequence"),
        ("retention", [keeping(let_go="plot")], "a function or None as `let_go`"),
        ("sample", {"postcode": "EX1 1AA"}, "portal.kit.Sample"),
        ("sample", sample(answers=["EX1 1AA"]), "portal.kit.Sample"),
        ("sample", sample(fill=7), "a function or None as `fill`"),
        ("stories", ["a plot"], "portal.kit.Story"),
        ("stories", [story(), story()], "a code of its own"),
        ("stories", [story(code="Get a plot")], "small letters and hyphens"),
        ("stories", [story(who="")], "who to sign in as"),
        ("stories", [story(steps=[])], "the steps"),
        ("stories", [story(url="services/allotments")], "at which page"),
        ("stories", [story(done=None)], "a function `done`"),
        ("stories", [story(walk="print")], "package.module:function"),
        ("case_types", ["report"], "must be a sequence of portal.kit.CaseType"),
        ("records", ["account"], "must be a sequence of portal.kit.RecordKind"),
        ("settings", dict, "portal.kit.ServiceSettings"),
        ("on_delivered", None, "must be a function"),
        ("on_undeliverable", 1, "must be a function"),
        ("deliveries", {"change": "later"}, "must map each act to a function"),
        ("deliveries", ["change"], "must map each act to a function"),
        ("acts", ["allotments.given"], "must map acts"),
        ("acts", {"permits.given": "A plot was given"}, "must map acts that begin with `allotments.`"),
        ("commands", ["water"], "portal.kit.Command"),
        ("commands", {"Water it": Command(help="", run=str)}, "portal.kit.Command"),
        ("commands", {"water": print}, "portal.kit.Command"),
        ("standin", "services.allotments.standin:create", "portal.kit.Standin"),
        ("standin", Standin(create="os.system('x')"), "package.module:function"),
        ("standin", Standin(create="services.allotments.standin:create"), "must name fields"),
    ],
)
def test_a_bad_field_is_named(field: str, value: Any, complaint: str) -> None:
    with pytest.raises(BadManifest) as refused:
        check_manifest(changed(**{field: value}), WHERE)
    sentence = str(refused.value)
    assert sentence.startswith(f"The service in {WHERE} cannot start: `{field}` ")
    assert complaint in sentence


def test_anything_but_a_service_is_refused() -> None:
    with pytest.raises(BadManifest, match="not dict"):
        check_manifest({}, WHERE)


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A package `council_services` to put services into."""
    yield from invented_package(tmp_path, monkeypatch)


def test_services_are_found_by_folder_and_sorted(folder: Path) -> None:
    for slug in ("plots", "bees"):
        put(folder, slug, SERVICE_PY.format(slug=slug, more=WHOLE))
    assert [each.slug for each in discover(folder, "council_services")][:2] == ["bees", "plots"]


@pytest.mark.parametrize(
    ("more", "sentence"),
    [
        ("forget=print,", "`export` is missing"),
        (WHOLE + "colour='red',", "`colour` is not a field of a service"),
    ],
)
def test_a_missing_or_unknown_field_is_named(folder: Path, more: str, sentence: str) -> None:
    put(folder, "plots", SERVICE_PY.format(slug="plots", more=more))
    with pytest.raises(BadManifest, match=sentence):
        load("council_services.plots")


def test_a_folder_without_a_manifest_object_is_named(folder: Path) -> None:
    put(folder, "plots", "SERVCE = None\n")
    with pytest.raises(BadManifest, match="`SERVICE` is missing"):
        load("council_services.plots")


def test_a_fault_in_the_service_keeps_its_trace(folder: Path) -> None:
    put(folder, "plots", "import no_such_module_anywhere\n")
    with pytest.raises(ModuleNotFoundError, match="no_such_module_anywhere"):
        load("council_services.plots")


def test_a_service_packaged_apart_is_found_by_its_entry_point(folder: Path, tmp_path: Path) -> None:
    put(folder, "plots", SERVICE_PY.format(slug="plots", more=WHOLE))
    info = tmp_path / "council_plots-1.0.dist-info"
    info.mkdir()
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: council-plots\nVersion: 1.0\n")
    (info / "entry_points.txt").write_text("[moothall.services]\nplots = council_services.plots.service:SERVICE\n")
    assert "plots" in [each.slug for each in discover(tmp_path / "empty", "nowhere")]


def test_two_services_of_one_slug_are_refused(folder: Path, tmp_path: Path) -> None:
    test_a_service_packaged_apart_is_found_by_its_entry_point(folder, tmp_path)
    with pytest.raises(SetupError, match="Two services are called `plots`"):
        discover(folder, "council_services")


class PlotSettings(ServiceSettings):
    """Settings of an invented service."""

    rent_pence: int = 0
    """Rent."""


def test_a_service_reads_its_own_prefix(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MOOTHALL_PLOTS_RENT_PENCE", "1250")
    assert read_settings(PlotSettings, "plots").rent_pence == 1250


def test_a_bad_setting_of_a_service_is_named_without_its_value(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MOOTHALL_PLOTS_RENT_PENCE", "a lot")
    with pytest.raises(SetupError, match="MOOTHALL_PLOTS_RENT_PENCE") as refused:
        read_settings(PlotSettings, "plots")
    assert "a lot" not in str(refused.value)
