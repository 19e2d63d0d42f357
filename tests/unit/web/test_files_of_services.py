"""A service's own scripts and pictures, and what its pages may fetch besides."""

from pathlib import Path, PurePosixPath

import pytest
from flask import Flask

from portal.web.headers import allow_pictures_from
from portal.web.page import asset
from portal.web.static_files import add_folder


def test_a_services_files_stand_under_its_name_with_a_version(app: Flask, tmp_path: Path) -> None:
    (tmp_path / "deep").mkdir()
    (tmp_path / "deep" / "map.css").write_text("p{}")
    add_folder(app, tmp_path, PurePosixPath("gardens"))
    with app.test_request_context():
        address = asset("gardens/deep/map.css")
    answer = app.test_client().get(address)
    assert answer.text == "p{}"
    assert answer.mimetype == "text/css"
    assert "immutable" in answer.headers["Cache-Control"]
    assert app.test_client().get("/static/deep/map.css").status_code == 404


@pytest.mark.parametrize(
    ("url", "allowed"),
    [
        ("https://tiles.example/{z}/{x}/{y}.png?key=1", "img-src 'self' data: https://tiles.example;"),
        ("", "img-src 'self' data:;"),
        ("https://tiles.example;script-src/*", "img-src 'self' data:;"),
    ],
    ids=["tiles", "none", "no host"],
)
def test_one_page_may_show_pictures_from_another_host(app: Flask, url: str, allowed: str) -> None:
    def with_map() -> str:
        allow_pictures_from(url)
        return "a map"

    with_map.__dict__["public"] = True
    app.add_url_rule("/with-map", "with_map", with_map)
    client = app.test_client()
    assert allowed in client.get("/with-map").headers["Content-Security-Policy"]
    assert "img-src 'self' data:;" in client.get("/help").headers["Content-Security-Policy"]
