"""The folder of the council's prices: what is read, what is refused, and what has been used."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any, Final

import pytest
from flask import Flask

from portal.kit import Refused, Unavailable, clock, session
from services.permits.operations.price_commands import check_folder
from services.permits.operations.tariffs import keep_tariff
from services.permits.queries.health import check_prices
from services.permits.queries.tariffs import get_used_tariff, tariff_on
from services.permits.rules.tariff_data import DATA_FOLDER, BadTariff, load_tariffs
from services.permits.tests.playing_dvla import SETTINGS
from tests.support.client import client_for
from tests.support.fixtures import Clock

Puts = Callable[..., Path]
PLAIN: Final[dict[str, Any]] = {
    "code": "town",
    "authority": "Town",
    "from_on": "2026-01-01",
    "kinds": {"resident": {"lengths": ["12m"], "pricings": [{"price": {"model": "flat", "pence": {"12m": 5000}}}]}},
    "sources": ["this test"],
}


@pytest.fixture
def puts(app: Flask, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, at: Clock) -> Puts:
    """Makes a folder of files, which the portal then has for its prices."""
    at.move_to("2026-11-22T09:00")

    def put(*files: object, name: str = "prices") -> Path:
        folder = tmp_path / name
        folder.mkdir()
        for number, content in enumerate(files):
            text = content if isinstance(content, str) else json.dumps(content)
            (folder / f"{number}.json").write_text(text, encoding="utf-8")
        settings = app.extensions[SETTINGS].model_copy(update={"tariffs": folder})
        monkeypatch.setitem(app.extensions, SETTINGS, settings)
        return folder

    return put


def test_the_demo_has_prices(app: Flask) -> None:
    with app.app_context():
        assert check_prices().ok
    assert [each.from_on.year for each in load_tariffs(DATA_FOLDER / "demo") if each.from_on] == [2025, 2026]


BAD: Final[dict[str, tuple[tuple[object, ...], str]]] = {
    "nothing": ((), "no file of prices"),
    "no JSON": (("{",), "0.json"),
    "a slip": ((PLAIN | {"kind": {}},), "kind: Unexpected"),
    "one day twice": ((PLAIN, PLAIN), "same day"),
    "two councils": ((PLAIN, PLAIN | {"code": "city", "from_on": "2026-02-01"}), "different codes"),
}


@pytest.mark.parametrize(("files", "says"), BAD.values(), ids=BAD.keys())
def test_a_folder_that_cannot_be_right_is_named_and_costs_no_page_its_sense(
    app: Flask, puts: Puts, files: tuple[object, ...], says: str, caplog: pytest.LogCaptureFixture
) -> None:
    folder = puts(*files)
    with pytest.raises(BadTariff, match=says):
        load_tariffs(folder)
    with app.app_context():
        found = check_prices()
    assert not found.ok
    assert says in found.sentence
    answer = client_for(app).get("/services/permits/prices")
    assert answer.status_code == 503
    assert says in caplog.text


def test_prices_that_have_not_begun_are_no_prices(app: Flask, puts: Puts) -> None:
    puts(PLAIN | {"from_on": "2027-01-01"})
    with app.app_context():
        assert "in force today" in check_prices().sentence


def test_prices_that_were_used_are_found_again_when_their_file_has_gone(app: Flask, puts: Puts) -> None:
    puts(PLAIN)
    with app.app_context():
        tariff = tariff_on(clock.today())
        kept = keep_tariff(tariff)
        assert keep_tariff(tariff) == kept
        session().commit()
        puts(PLAIN | {"from_on": "2026-06-01"}, name="later")
        assert get_used_tariff(kept) == tariff
        assert check_prices().ok


def test_nothing_is_sold_by_prices_that_were_changed_after_use(app: Flask, puts: Puts) -> None:
    puts(PLAIN)
    with app.app_context():
        keep_tariff(tariff_on(clock.today()))
        session().commit()
        kinds = json.loads(json.dumps(PLAIN["kinds"]).replace("5000", "500"))
        puts(PLAIN | {"kinds": kinds}, name="edited")
        with pytest.raises(Unavailable):
            keep_tariff(tariff_on(clock.today()))
        assert "changed after use" in check_prices().sentence


def test_an_operator_sees_what_vehicles_would_pay_before_prices_are_in_force(app: Flask) -> None:
    with app.app_context():
        said = check_folder(()).splitlines()
        assert "Moothall, from 2026-04-01" in said
        assert "  resident, petrol, 118 g/km: 3m £38, 6m £69, 12m £125" in said
        assert "  visitors, 1 hour: £1.60" in said
        with pytest.raises(Refused, match="different codes"):
            check_folder((str(DATA_FOLDER / "published"),))
