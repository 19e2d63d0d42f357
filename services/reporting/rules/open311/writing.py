"""Answers of the API, in XML and in JSON, from one description of each.

GeoReport v2 names the outermost element in XML alone, and calls the elements of a list by the singular.
"""

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Final, Literal
from xml.sax.saxutils import escape

Format = Literal["xml", "json"]
Value = str | int | float | bool | None | Sequence["Value"] | Mapping[str, "Value"]

MIMETYPES: Final[Mapping[Format, str]] = {
    "xml": "text/xml; charset=utf-8",
    "json": "application/json; charset=utf-8",
}
DECLARATION: Final = '<?xml version="1.0" encoding="utf-8"?>\n'
ONE_OF: Final = {
    "services": "service",
    "attributes": "attribute",
    "values": "value",
    "errors": "error",
    "endpoints": "endpoint",
    "formats": "format",
    "service_requests": "request",
    "service_request_updates": "request_update",
}
"""What one element of a list is called."""
_NOT_IN_XML = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


@dataclass(frozen=True, slots=True)
class Answer:
    """What is answered: the name of the outermost element, and what is in it."""

    root: str
    content: Value

    def written(self, form: Format) -> bytes:
        """The answer in that format, in UTF-8."""
        if form == "json":
            return json.dumps(self.content, ensure_ascii=False).encode()
        return (DECLARATION + element(self.root, self.content)).encode()


def element(name: str, content: Value) -> str:
    """An XML element. Nothing is an empty element, yes and no are `true` and `false`."""
    if content is None or content == "":
        return f"<{name}/>"
    if isinstance(content, Mapping):
        return f"<{name}>{''.join(element(each, value) for each, value in content.items())}</{name}>"
    if isinstance(content, Sequence) and not isinstance(content, str):
        return f"<{name}>{''.join(element(ONE_OF[name], value) for value in content)}</{name}>"
    return f"<{name}>{text(content)}</{name}>"


def text(content: str | float | bool) -> str:
    """The content of an element. Characters that XML cannot hold become U+FFFD, so that the rest arrives."""
    if isinstance(content, bool):
        return "true" if content else "false"
    return escape(_NOT_IN_XML.sub("\ufffd", str(content)))


def errors(status: int, sentences: Sequence[str]) -> Answer:
    """The list of what was wrong. The code is the HTTP status, as the specification's own examples have it."""
    return Answer("errors", [{"code": status, "description": sentence} for sentence in sentences])


def moment(at: datetime) -> str:
    """A date and time of the W3C, in UTC to the second."""
    return f"{at.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}"
