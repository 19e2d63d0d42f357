"""The pages of a system that we play: the one on which its faults are chosen, and the base of those of its own.

Pages of their own and not of the portal: the system that is played is somebody else's. In the demo alone, where they
are open to everybody as all of the demo is.
"""

from collections.abc import Callable
from pathlib import Path
from typing import Final, TypeVar, get_args

from flask import Blueprint, Flask, Response, jsonify, make_response, redirect, render_template, request
from flask.typing import ResponseReturnValue
from jinja2 import BaseLoader, ChoiceLoader, FileSystemLoader
from pydantic import BaseModel, ValidationError
from werkzeug.exceptions import HTTPException

from portal.standins.memory import Memory
from portal.standins.modes import WORDS, Faults, Mode
from portal.web.languages import Lazy, gettext

M = TypeVar("M", bound=BaseModel)
SHARED: Final = FileSystemLoader(Path(__file__).with_name("templates"))
NOT_OFFERED: Final = "Go back and choose from what the page offers."
POLICY: Final = "default-src 'none'; style-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"


class StandinPanel(Blueprint):
    """Pages of a stand-in's own, at its front. Templates begin with `{% extends "standins/page.html" %}`.

    Only their own forms may write, and nothing from elsewhere is loaded.
    """

    def __init__(self, name: str, import_name: str) -> None:
        super().__init__(name, import_name, template_folder="templates")
        self.before_request(refuse_strangers)
        self.after_request(close)

    @property
    def jinja_loader(self) -> BaseLoader:
        """Its own templates, and the base of all."""
        own = super().jinja_loader
        return ChoiceLoader([own, SHARED] if own is not None else [SHARED])

    def control(self, kind: type[M], tell: Callable[[M], object]) -> None:
        """Take at `PUT /control`, from programs, what this stand-in can be told beside faults."""

        def told() -> Response:
            return taken(kind, tell)

        self.add_url_rule("/control", "control", told, methods=["PUT"])


def refuse_strangers() -> ResponseReturnValue | None:
    """Only this page's own forms may write: a stranger's page would come from another site."""
    if request.method == "POST" and request.headers.get("Sec-Fetch-Site", "same-origin") not in ("same-origin", "none"):
        return make_response("This came from another site.", 403)
    return None


def close(answer: Response) -> Response:
    """Nothing from elsewhere, and in nobody's frame."""
    answer.headers["Content-Security-Policy"] = POLICY
    answer.headers["X-Content-Type-Options"] = "nosniff"
    return answer


def taken(kind: type[M], tell: Callable[[M], object]) -> Response:
    """What a program sent as JSON alone, which no page of a stranger can send here; 400 names what does not fit."""
    if request.mimetype != "application/json":
        return Response(status=415)
    try:
        told = kind.model_validate_json(request.get_data())
    except ValidationError as error:
        wrong = sorted({".".join(map(str, each["loc"])) for each in error.errors()})
        return make_response(jsonify(wrong=wrong), 400)
    tell(told)
    return jsonify(told.model_dump(mode="json"))


def faults_panel(memory: Memory, title: str | Lazy) -> Flask:
    """The application behind `/faults` of one stand-in."""
    app = Flask(__name__, static_folder=None)
    app.jinja_env.globals["_"] = gettext
    app.before_request(refuse_strangers)
    app.after_request(close)
    app.register_error_handler(HTTPException, lambda error: (error.name, error.code or 500))

    @app.get("/faults")
    def faults() -> ResponseReturnValue:
        told = memory.how()
        if request.accept_mimetypes.best_match(["text/html", "application/json"]) == "application/json":
            return jsonify({**told.model_dump(mode="json"), "modes": get_args(Mode)})
        return render_template("standins/faults.html", title=title, told=told, words=WORDS)

    @app.post("/faults")
    def choose() -> ResponseReturnValue:
        chosen = {name: value for name, value in request.form.items() if value != ""}
        try:
            memory.tell(Faults.model_validate(chosen))
        except ValidationError:
            return make_response(NOT_OFFERED, 422)
        return redirect(f"{request.script_root}/faults", 303)

    @app.put("/faults")
    def tell() -> Response:
        return taken(Faults, memory.tell)

    @app.get("/faults/panel.css")
    def style() -> Response:
        return Response(STYLE, mimetype="text/css")

    return app


STYLE: Final = """
body { font: 1.125rem/1.5 system-ui, sans-serif; color: #0b0c0c; margin: 0 auto; max-width: 60rem; padding: 1rem; }
fieldset, article { border: 1px solid #505a5f; margin: 0 0 1rem; padding: 0 1rem 1rem; }
legend, dt { font-weight: 700; }
label { display: block; padding: .25rem 0; }
.hint { color: #484949; display: block; margin-left: 2rem; }
p, li, td, th, dd { overflow-wrap: anywhere; }
.scroll { overflow-x: auto; }
table { border-collapse: collapse; }
td, th { border-bottom: 1px solid #b1b4b6; padding: .5rem 1rem .5rem 0; text-align: left; vertical-align: top; }
select, input { font: inherit; max-width: 100%; }
input:not([type=radio], [type=checkbox]) { border: 2px solid #0b0c0c; min-height: 44px; padding: .25rem .5rem; }
input[type=radio], input[type=checkbox] { width: 24px; height: 24px; vertical-align: middle; }
button { font: inherit; background: #00703c; color: #fff; border: 2px solid #00703c; min-height: 44px;
  padding: .4rem 1rem; }
button.other { background: #fff; color: #0b0c0c; border-color: #0b0c0c; }
a { color: #1a56a8; }
:focus { outline: 3px solid #0b0c0c; outline-offset: 2px; box-shadow: 0 0 0 2px #fd0; }
"""
