"""A service's pages at the desk: behind its door, marked with a right, in its menu before the way out."""

import dataclasses
from pathlib import Path

import pytest
from flask import Blueprint, Flask

from portal.errors import SetupError
from portal.kit import DeskPages, needs, service_blueprint
from portal.registry import mount as registry
from portal.registry.discovery import Mounted
from portal.web.realms import Realm, add_realm
from portal.web.state import MenuItem, web_state
from tests.support.services.allotments.service import SERVICE
from tests.unit.web.conftest import make_app


def pages(*, marked: bool = True, front: str = "front", slug: str = "allotments") -> tuple[Mounted, DeskPages]:
    bp: Blueprint = service_blueprint(f"services.{slug}.views", "desk")

    def view() -> str:
        return ""

    bp.get("", endpoint="front")(needs("work")(view) if marked else view)
    made = DeskPages(blueprint=bp, title="Allotments", front=front)
    return Mounted(dataclasses.replace(SERVICE, slug=slug, desk=made), f"services.{slug}", Path()), made


@pytest.fixture
def app() -> Flask:
    """An application with a desk, which has a page and a way out."""
    app = make_app()
    desk = Realm("/desk", "staff", "ask", "stay", "out", may_open=bool)
    desk.menu.append(MenuItem("Sign out", "staff.sign_out", True, True))
    add_realm(app, desk)
    app.add_url_rule("/desk/cases/<reference>", "desk_case.case", lambda reference: reference)
    return app


def test_they_stand_under_the_desk_and_in_its_menu(app: Flask) -> None:
    registry.add_to_desk(app, *pages())
    assert "/desk/allotments" in {rule.rule for rule in app.url_map.iter_rules()}
    (desk,) = web_state(app).realms
    assert [str(each.title) for each in desk.menu] == ["Allotments", "Sign out"]


def test_a_view_that_says_no_right_stops_the_start(app: Flask) -> None:
    with pytest.raises(SetupError, match=r"`allotments_desk.front` must say @needs"):
        registry.add_to_desk(app, *pages(marked=False))


def test_a_front_that_is_no_view_stops_the_start(app: Flask) -> None:
    with pytest.raises(SetupError, match=r"no view `allotments_desk.begin`"):
        registry.add_to_desk(app, *pages(front="begin"))


def test_a_page_of_the_desks_own_is_nobody_elses(app: Flask) -> None:
    with pytest.raises(SetupError, match="`/desk/cases` is a page of the desk's own"):
        registry.add_to_desk(app, *pages(slug="cases"))
