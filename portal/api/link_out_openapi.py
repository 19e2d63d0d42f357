"""The API of remote applications as an OpenAPI document, made from the classes that read and write its bodies."""

from functools import cache
from typing import Any, Final

from pydantic.json_schema import models_json_schema

from portal.api.link_out_answers import Erasures, Kept, Problem, Resident
from portal.api.link_out_calls import KEY, MOST_BYTES, MOST_CALLS
from portal.api.link_out_problems import PATH, PROBLEMS
from portal.api.link_out_shapes import Activity, Card, Shape, SignIn, Task

Node = dict[str, Any]  # JSON
SHAPES: Final = (SignIn, Card, Task, Activity, Resident, Kept, Erasures, Problem)
_ID: Final[Node] = {"name": "resident", "in": "path", "required": True, "schema": {"type": "string", "format": "uuid"}}
_KEY: Final[Node] = {
    "name": "key",
    "in": "path",
    "required": True,
    "description": "The application's own name for it.",
    "schema": {"type": "string", "pattern": f"^{KEY.pattern}$"},
}
_DONE: Final[Node] = {"204": {"description": "Done."}}
_NEW_OR_NOT: Final[Node] = {"201": {"description": "New."}, "204": {"description": "Kept in the place of the former."}}


@cache
def document() -> Node:
    """The whole document (OpenAPI 3.1)."""
    reason = "\n".join(f"- `{code}` ({kind.status}): {kind.title}." for code, kind in PROBLEMS.items())
    _refs, schemas = models_json_schema(
        [(shape, "validation") for shape in SHAPES], ref_template="#/components/schemas/{model}"
    )
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "Link-outs: cards, tasks and activity of remote applications",
            "version": "1.0.0",
            "description": f"At most {MOST_CALLS} calls in a minute and {MOST_BYTES} bytes in a body. Every call may be"
            f" repeated. A no is a problem (RFC 9457) with one of these codes:\n\n{reason}",
        },
        "servers": [{"url": PATH}],
        "security": [{"token": []}],
        "paths": _paths(),
        "components": {
            "securitySchemes": {"token": {"type": "http", "scheme": "bearer"}},
            "schemas": schemas["$defs"],
        },
    }


def _paths() -> Node:
    return {
        "/residents": {
            "post": _call("Somebody has signed in", SignIn, {"201": _says(Resident), "200": _says(Resident)})
        },
        "/residents/{resident}": {
            "parameters": [_ID],
            "get": _call("What is kept here about them", None, {"200": _says(Kept)}),
            "delete": _call("They have left the application", None, _DONE),
        },
        "/residents/{resident}/cards/{key}": _by_key("card", Card),
        "/residents/{resident}/tasks/{key}": _by_key("task", Task),
        "/residents/{resident}/activity": {
            "parameters": [_ID],
            "post": _call("Tell what happened", Activity, _NEW_OR_NOT),
        },
        "/erasures": {"get": _call("Whom to forget", None, {"200": _says(Erasures)})},
        "/erasures/{resident}": {"parameters": [_ID], "delete": _call("They are forgotten", None, _DONE)},
    }


def _by_key(what: str, shape: type[Shape]) -> Node:
    return {
        "parameters": [_ID, _KEY],
        "put": _call(f"Keep a {what}", shape, _NEW_OR_NOT),
        "delete": _call(f"Take a {what} back", None, _DONE),
    }


def _call(summary: str, sends: type[Shape] | None, answers: Node) -> Node:
    call: Node = {"summary": summary, "responses": {**answers, "default": _says(Problem, "problem+json")}}
    if sends is not None:
        call["requestBody"] = {"required": True, "content": _content(sends, "json")}
    return call


def _says(shape: type[Shape], form: str = "json") -> Node:
    return {"description": (shape.__doc__ or "").splitlines()[0], "content": _content(shape, form)}


def _content(shape: type[Shape], form: str) -> Node:
    return {f"application/{form}": {"schema": {"$ref": f"#/components/schemas/{shape.__name__}"}}}
