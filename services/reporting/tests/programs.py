"""A program that calls by Open311, and what it is told: JSON held against the published schemas, XML read."""

import json
from collections.abc import Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any
from xml.etree import ElementTree as ET

from flask import Flask
from flask.testing import EnvironBuilder, FlaskClient
from jsonschema import Draft7Validator, FormatChecker  # type: ignore[import-untyped]  # it has no types
from referencing import Registry
from referencing.jsonschema import DRAFT7

from portal.kit import session
from services.reporting.operations.api_keys import make_key

API = "/open311/v2"
SCHEMAS = Path(__file__).parent / "open311_schemas"
HERE = {"lat": "51.4927", "long": "-0.2339"}
HOLE = {"service_code": "pothole", "description": "A deep hole by the kerb.", **HERE}


@dataclass
class Program:
    """A program with a key, or without one."""

    client: FlaskClient
    key: str = ""

    def get(self, path: str, **params: Any) -> Any:
        """A GET of that path and its parameters."""
        return self.client.get(f"{API}/{path}", query_string=params)

    def json(self, path: str, **params: Any) -> Any:
        """What a GET of JSON says, which was answered well."""
        answer = self.get(f"{path}.json", **params)
        assert (answer.status_code, answer.content_type) == (200, "application/json; charset=utf-8"), answer.text
        return json.loads(answer.data)

    def xml(self, path: str, **params: Any) -> ET.Element:
        """The root of what a GET of XML says, which was answered well."""
        answer = self.get(f"{path}.xml", **params)
        assert (answer.status_code, answer.content_type) == (200, "text/xml; charset=utf-8"), answer.text
        assert answer.data.startswith(b'<?xml version="1.0" encoding="utf-8"?>')
        return ET.fromstring(answer.data)

    def send(self, path: str = "requests.json", headers: Mapping[str, str] | None = None, /, **fields: Any) -> Any:
        """A POST with the program's key."""
        data = {"api_key": self.key, **fields}
        builder = EnvironBuilder(self.client.application, f"{API}/{path}", method="POST", data=data, headers=headers)
        environ = builder.get_environ()
        with closing(environ["wsgi.input"]):  # of a large body it is a file, which nothing else closes
            return self.client.open(environ)

    def report(self, headers: Mapping[str, str] | None = None, /, **fields: Any) -> str:
        """The id of a report that was posted."""
        answer = self.send("requests.json", headers, **(HOLE | fields))
        assert answer.status_code == 200, answer.text
        return str(json.loads(answer.data)[0]["service_request_id"])


def new_key(app: Flask, scopes: Sequence[str] = ("report", "update"), **more: Any) -> str:
    """A key with these scopes."""
    with app.app_context():
        key = make_key(f"Program for {'-'.join(scopes)}", scopes=scopes, **more)
        session().commit()
        return key


def faults_of(value: Any, schema: str) -> list[str]:
    """What is wrong with JSON by one of the published schemas."""
    return [f"{error.json_path}: {error.message}" for error in _validator(schema).iter_errors(value)]


def errors_of(answer: Any) -> list[tuple[int, str]]:
    """Code and sentence of each error in a refusal of either format."""
    if answer.mimetype == "application/json":
        return [(each["code"], each["description"]) for each in json.loads(answer.data)]
    root = ET.fromstring(answer.data)
    assert (answer.mimetype, root.tag) == ("text/xml", "errors")
    return [(int(each.findtext("code", "")), each.findtext("description", "")) for each in root.findall("error")]


@cache
def _validator(schema: str) -> Draft7Validator:
    found = {path.name: json.loads(path.read_text(encoding="utf-8")) for path in SCHEMAS.glob("*.json")}
    registry: Registry[Any] = Registry().with_resources(
        [(name, DRAFT7.create_resource(each)) for name, each in found.items()]
    )
    return Draft7Validator(found[f"{schema}.json"], registry=registry, format_checker=FormatChecker())
