"""Stylesheets, script and pictures: addresses that carry a version, so that browsers may keep them for a year."""

from hashlib import sha256
from mimetypes import guess_type
from pathlib import Path, PurePosixPath
from typing import Final

from flask import Flask, Response, abort, request, send_file

from portal.errors import SetupError
from portal.settings.council import Council
from portal.web import time_left
from portal.web.access import public
from portal.web.state import StaticFile, web_state

FOLDER: Final = Path(__file__).with_name("static")
TOP: Final = PurePosixPath()
YEAR: Final = "public, max-age=31536000, immutable"
SHORT: Final = "public, max-age=300"


def install(app: Flask) -> None:
    """Serve our static folder under `/static`, the council's colours and its logo."""
    state = web_state(app)
    add_folder(app, FOLDER)
    state.theme = theme_css(state.settings.council) + time_left.css(state.settings.sessions, state.settings.desk)
    logo = state.settings.council.logo_path
    if logo is not None and not (Path(logo).is_file() and logo.endswith((".svg", ".png"))):
        raise SetupError("MOOTHALL_COUNCIL__LOGO_PATH: name an SVG or PNG file that is there.")
    if "static" not in app.view_functions:
        app.add_url_rule("/static/<path:filename>", endpoint="static")
    app.view_functions["static"] = static_file
    app.add_url_rule("/theme.css", "theme", theme)
    app.add_url_rule("/council-logo", "council_logo", council_logo)
    app.jinja_env.globals["theme_version"] = _version(state.theme.encode())


def add_folder(app: Flask, folder: Path, under: PurePosixPath = TOP) -> None:
    """Serve the files of a folder under `/static`, or under a name there: `asset('reporting/map.js')`."""
    for path in sorted(folder.rglob("*")):
        if path.is_file():
            content = path.read_bytes()
            file = StaticFile(content, _version(content), guess_type(path.name)[0] or "application/octet-stream")
            web_state(app).static_files[(under / path.relative_to(folder)).as_posix()] = file


def theme_css(council: Council) -> str:
    """The council's colours and typeface, over those that the stylesheet was compiled with."""
    return (
        ":root{"
        f"--council-typeface:{council.typeface};"
        f"--govuk-brand-colour:{council.brand_colour};"
        f"--govuk-link-colour:{council.link_colour};"
        f"--govuk-link-visited-colour:color-mix(in srgb,{council.link_colour} 55%,#54319f);"
        f"--govuk-link-hover-colour:color-mix(in srgb,{council.link_colour} 75%,black);"
        "}\n"
    )


@public
def static_file(filename: str) -> Response:
    """A file of the theme, from memory: there are few and they are small."""
    file = web_state().static_files.get(filename)
    if file is None:
        abort(404)
    response = Response(file.content, mimetype=file.mimetype)
    response.set_etag(file.version)
    response.make_conditional(request)
    return _cached(response, fresh=request.args.get("v") == file.version)


@public
def theme() -> Response:
    """The council's colours and typeface as CSS."""
    state = web_state()
    return _cached(
        Response(state.theme, mimetype="text/css"), fresh=request.args.get("v") == _version(state.theme.encode())
    )


@public
def council_logo() -> Response:
    """The council's own logo, when the settings name one."""
    path = web_state().settings.council.logo_path
    if path is None:
        abort(404)
    response = send_file(Path(path).resolve(), max_age=300)
    # An SVG can carry script; opened by itself it may run nothing.
    response.headers["Content-Security-Policy"] = "default-src 'none'; style-src 'unsafe-inline'; sandbox"
    return response


def _cached(response: Response, *, fresh: bool) -> Response:
    response.headers["Cache-Control"] = YEAR if fresh else SHORT
    return response


def _version(content: bytes) -> str:
    return sha256(content).hexdigest()[:12]
