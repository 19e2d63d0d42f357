"""Send forms as a browser does: with the token of the page that they came from."""

import re
from collections.abc import Mapping
from typing import Any

from flask.testing import FlaskClient
from werkzeug.test import TestResponse

_TOKEN = re.compile(r'name="csrf_token" value="([^"]+)"')


def token(client: FlaskClient, page: str) -> str:
    """The form token of a page."""
    found = _TOKEN.search(client.get(page).text)
    assert found, f"{page} has no form"
    return found[1]


def post(client: FlaskClient, path: str, values: Mapping[str, Any], *, page: str = "") -> TestResponse:
    """Fill in the form on `page` (or on the same path) and send it."""
    return client.post(path, data={"csrf_token": token(client, page or path), **values})
