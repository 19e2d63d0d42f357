"""A service in a wheel of its own, outside this tree: found by its entry point, migrated, on home, and at work."""

from pathlib import Path

from portal.app import create_app
from portal.cli.service_check import move_in
from portal.conformance.every import chosen
from portal.conformance.house import house_on
from portal.conformance.judging import judge, many
from portal.conformance.report import lines
from portal.db.migrate import behind
from portal.db.session import dispose
from portal.registry.discovery import FOLDER, Mounted, discover
from tests.integration.scaffold.conftest import SLUG, TITLE
from tests.support.residents import resident
from tests.support.settings import settings_for


def test_it_is_found_migrated_and_on_home(apart: Mounted, database_url: str, clean_database: str) -> None:
    assert apart.package == SLUG
    assert not apart.folder.is_relative_to(FOLDER.parent)
    assert apart.history is not None
    assert behind(database_url, [apart.history]) == []
    app = create_app(settings_for(clean_database), discover())
    app.testing = True
    ann = resident(app, "Ann")
    assert TITLE in ann.get("/home")
    draft = ann.post(f"/services/{SLUG}/requests").location.rpartition("/")[0]
    ann.post(f"{draft}/kind", kind="start")
    assert "Start something new" in ann.get(f"{draft}/kind")
    ann.client.get("/home?lang=cy")
    assert "Llyfrau wrth y palmant" in ann.get(f"/services/{SLUG}/")
    with app.app_context():
        dispose()


def test_the_kit_finds_nothing_wrong_with_it(apart: Mounted, empty_database_url: str) -> None:
    with house_on(empty_database_url, apart, [apart], move_in) as house:
        outcomes = list(judge(house, chosen(()), browser=False))
    assert many(outcomes) == 0, "\n".join(lines(SLUG, outcomes))


def test_its_wheel_has_all_that_it_needs(wheel: Path, apart: Mounted) -> None:
    assert wheel.name.startswith("moothall_kerbside_books-")
    for part in (f"templates/{SLUG}/index.html", "translations/cy.po", "migrations/0001_requests.py"):
        assert (apart.folder / part).is_file(), part
