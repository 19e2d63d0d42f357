"""A service may be called elsewhere than under `/services`, by programs alone, and takes nobody's address with it."""

import dataclasses
from pathlib import Path

import pytest
from flask import Blueprint, Flask, Response, request

from portal.errors import Refused, SetupError, TooMany
from portal.kit import Mount, public, service_blueprint
from portal.registry import mount as registry
from portal.registry.discovery import Mounted
from tests.support.client import Client, client_for
from tests.support.services.allotments.service import SERVICE
from tests.unit.web.conftest import make_app

MODULE = "services.allotments.views"


def refuse(status: int, sentence: str) -> Response:
    return Response(f"<no>{sentence}</no>", status, mimetype="text/xml")


def blueprint(name: str = "plots_api") -> Blueprint:
    bp = service_blueprint(MODULE, name)

    @bp.get("/plots.xml")
    @public
    def plots() -> Response:
        if request.args.get("fault"):
            raise RuntimeError("never told to anybody")
        if request.args.get("often"):
            raise TooMany("Too often.", retry_after=7)
        return Response("<plots/>", mimetype="text/xml")

    @bp.post("/plots.xml")
    @public
    def rent() -> Response:
        raise Refused(f"No plot for {request.form['who']}.")

    return bp


def with_mounts(*mounts: Mount) -> Mounted:
    return Mounted(dataclasses.replace(SERVICE, mounts=mounts), "services.allotments", Path())


@pytest.fixture
def app(monkeypatch: pytest.MonkeyPatch) -> Flask:
    monkeypatch.setattr(registry, "refuse_programs_when_off", lambda slug: None)
    return make_app()


@pytest.fixture
def client(app: Flask) -> Client:
    mount = Mount(path="/plots/v2", blueprint=blueprint(), refuse=refuse)
    registry.mount_elsewhere(app, with_mounts(mount), mount)
    return client_for(app)


def test_programs_are_answered_at_the_address_of_the_standard(client: Client) -> None:
    answer = client.get("/plots/v2/plots.xml?lang=cy")
    assert (answer.status_code, answer.text) == (200, "<plots/>")
    assert "Set-Cookie" not in answer.headers


@pytest.mark.parametrize(
    ("path", "status"),
    [
        ("/plots/v2/plots.xml?fault=1", 500),
        ("/plots/v2/plots.xml?often=1", 429),
        ("/plots/v2/nothing", 404),
        ("/plots/v2", 404),
    ],
)
def test_whatever_goes_wrong_is_told_in_its_own_form(client: Client, path: str, status: int) -> None:
    answer = client.get(path)
    assert (answer.status_code, answer.mimetype) == (status, "text/xml")
    assert answer.text.startswith("<no>")
    assert "never told" not in answer.text
    assert answer.headers.get("Retry-After") == ("7" if status == 429 else None)


def test_a_wrong_method_is_told_there_with_the_right_ones(client: Client) -> None:
    answer = client.delete("/plots/v2/plots.xml")
    assert (answer.status_code, answer.mimetype) == (405, "text/xml")
    assert "POST" in answer.headers["Allow"]


def test_no_form_token_is_asked_for_there(client: Client) -> None:
    answer = client.post("/plots/v2/plots.xml", data={"who": "a program"})
    assert (answer.status_code, answer.text) == (409, "<no>No plot for a program.</no>")


def test_pages_for_people_keep_their_own_way_of_saying_no(client: Client) -> None:
    assert client.get("/plots/v2x").mimetype == "text/html"
    assert client.post("/", data={"who": "a stranger"}).status_code == 405
    assert client.page.h1


@pytest.mark.parametrize("path", ["/static/v2", "/help", "/help/v2", "/id", "/standin/v2"])
def test_the_address_of_another_is_refused(app: Flask, path: str) -> None:
    mount = Mount(path=path, blueprint=blueprint(), refuse=refuse)
    with pytest.raises(SetupError, match=f"`{path}` is another's address"):
        registry.mount_elsewhere(app, with_mounts(mount), mount)


def test_two_services_cannot_share_an_address(app: Flask, client: Client) -> None:
    second = Mount(path="/plots/v3", blueprint=blueprint("other_api"), refuse=refuse)
    with pytest.raises(SetupError, match="another's address"):
        registry.mount_elsewhere(app, with_mounts(second), second)


def test_one_service_may_keep_two_versions_of_a_standard(app: Flask) -> None:
    old = Mount(path="/plots/v1", blueprint=blueprint("api_one"), refuse=refuse)
    new = Mount(path="/plots/v2", blueprint=blueprint("api_two"), refuse=refuse)
    for each in (old, new):
        registry.mount_elsewhere(app, with_mounts(old, new), each)
    assert client_for(app).get("/plots/v1/plots.xml").status_code == 200
    assert client_for(app).get("/plots/v2/plots.xml").status_code == 200


def test_a_view_that_would_need_a_sign_in_stops_the_start(app: Flask) -> None:
    bp = blueprint()

    @bp.get("/mine.xml")
    def mine() -> str:
        return ""

    mount = Mount(path="/plots/v2", blueprint=bp, refuse=refuse)
    with pytest.raises(SetupError, match=r"allotments_plots_api.mine` must say @public"):
        registry.mount_elsewhere(app, with_mounts(mount), mount)
