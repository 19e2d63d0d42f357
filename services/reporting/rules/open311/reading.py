"""What other Open311 servers answer, in XML: the one format that all of them must speak."""

import json
from typing import Final
from xml.etree import ElementTree as ET

LONGEST: Final = 500


def answer_as_json(content: bytes) -> bytes:
    """A list of flat elements as JSON: its name as `root`, and `rows`, an array of objects. What is nested deeper is
    left out; blanks are left out too.

    Raises ValueError for what is no XML.
    """
    root = _root(content)
    return json.dumps({"root": _plain(root.tag), "rows": [_row(each) for each in root]}).encode()


def code_of_errors(content: bytes) -> str | None:
    """The first reason in a list of errors; None for what is none."""
    try:
        root = _root(content)
    except ValueError:
        return None
    if _plain(root.tag) != "errors":
        return None
    said = (error.findtext("description") or error.findtext("code") or "" for error in root)
    return next((" ".join(text.split())[:LONGEST] for text in said if text.strip()), None)


def _row(element: ET.Element) -> dict[str, str]:
    said = {_plain(field.tag): (field.text or "").strip() for field in element if not len(field)}
    return {name: value for name, value in said.items() if value}


def _root(content: bytes) -> ET.Element:
    """The outermost element. The parser of the standard library reads no entity of outside and expands none without
    end (expat 2.4.1 and newer); how long the answer may be, the client bounds."""
    if b"<!DOCTYPE" in content[:2000].upper():
        raise ValueError("no answer of Open311 has a document type")
    try:
        return ET.fromstring(content)  # noqa: S314  # bounded, as said above
    except ET.ParseError as error:
        raise ValueError(str(error)) from None


def _plain(tag: str) -> str:
    """A name without its namespace."""
    return tag.rpartition("}")[2]
