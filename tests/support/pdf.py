"""A PDF as a screen reader meets it."""

import io
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from pypdf import PdfReader


@dataclass(frozen=True)
class Pdf:
    """What a PDF says about itself, its words and its tags in reading order."""

    title: str
    shows_title: bool
    language: str
    marked: bool
    conforms: str
    text: str
    pages: int
    tags: tuple[str, ...]
    scopes: frozenset[str]
    """What the heads of tables belong to: `/Column`, `/Row`."""
    embedded: bool
    """Whether every font travels with the file."""


def read_pdf(data: bytes) -> Pdf:
    """Look into a PDF."""
    reader = PdfReader(io.BytesIO(data))
    root: Any = reader.root_object
    elements = list(_elements(root["/StructTreeRoot"]))
    metadata = root["/Metadata"].get_object().get_data().decode() if "/Metadata" in root else ""
    return Pdf(
        title=reader.metadata.title if reader.metadata and reader.metadata.title else "",
        shows_title=bool(root.get("/ViewerPreferences", {}).get("/DisplayDocTitle")),
        language=root["/Lang"],
        marked=bool(root["/MarkInfo"]["/Marked"]),
        conforms="ua-1" if "pdfuaid" in metadata and "<pdfuaid:part>1</pdfuaid:part>" in metadata else "",
        text="\n".join(page.extract_text() for page in reader.pages),
        pages=len(reader.pages),
        tags=tuple(one["/S"].removeprefix("/") for one in elements),
        scopes=frozenset(_scopes(elements)),
        embedded=all(_is_embedded(font) for page in reader.pages for font in _fonts(page)),
    )


def _elements(node: Any) -> Iterator[Any]:
    node = node.get_object() if hasattr(node, "get_object") else node
    if isinstance(node, list):
        for child in node:
            yield from _elements(child)
    elif isinstance(node, dict):
        if "/S" in node:
            yield node
        if "/K" in node:
            yield from _elements(node["/K"])


def _scopes(elements: list[Any]) -> Iterator[str]:
    for one in elements:
        for attribute in one.get("/A", []) if one["/S"] == "/TH" else []:
            if "/Scope" in attribute:
                yield attribute["/Scope"]


def _fonts(page: Any) -> Iterator[Any]:
    for font in page["/Resources"].get("/Font", {}).values():
        yield font.get_object()


def _is_embedded(font: Any) -> bool:
    whole = font["/DescendantFonts"][0].get_object() if "/DescendantFonts" in font else font
    described = whole["/FontDescriptor"].get_object()
    return any(name in described for name in ("/FontFile", "/FontFile2", "/FontFile3"))
