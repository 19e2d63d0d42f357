"""Papers as tagged PDF (PDF/UA-1), set in this very process by typst.

Typst comes whole in its wheel, fonts included: Libertinus Serif (SIL Open Font License 1.1), which has every letter of
Welsh. Fonts of the machine are not looked at, so a paper looks the same everywhere. What a paper says is handed over
as one JSON value and is never source. Nothing is read from the disk and nothing is fetched.

A bill of four pages takes 20 ms and a paper of 24 pages 0.2 to 0.4 s, outside the interpreter's lock. Typst remembers
what it has set: a process grows by 50 MB on bills and by up to 300 MB on papers of 24 pages, and then no more
(measured over 200 papers). So one is set at a time, papers have a limit of size, and whoever would have to wait long
is told to try again.
"""

import json
import logging
import re
from collections.abc import Mapping, Sequence
from dataclasses import fields
from datetime import datetime
from functools import cache
from pathlib import Path
from threading import Lock
from typing import Any, Final, Literal
from unicodedata import category

import typst

from portal import clock
from portal.errors import TooMany, Unavailable
from portal.papers.codes import code_svg
from portal.papers.values import Block, Code, Paper
from portal.web.languages import gettext as _
from portal.web.languages import using

log = logging.getLogger(__name__)

LARGEST: Final = 150_000
"""Characters in a paper: some 70 pages. More is a mistake, or somebody's joke."""
LONGEST_WAIT: Final = 5.0
"""Seconds."""
_NO_LETTER: Final = "could not be displayed"
_UNSHOWABLE: Final = re.compile(r"[\x00-\x08\x0b-\x1f\x7f\ud800-\udfff\u202a-\u202e\u2066-\u2069]")
"""Control characters, halves of characters, and marks that turn the direction of what follows."""
_NOTHING: Final = "–"
_WITH_NAMES: Final = ("heading", "table", "boxed")
_NAMES: Final = frozenset({"text", "caption", "title"})
_ONE_AT_A_TIME: Final = Lock()
_HERE: Final = Path(__file__).parent
_NOWHERE: Final = _HERE / "no-packages"
"""Where typst would look for packages, before it asked the network for one. Papers use none."""


def pdf(paper: Paper) -> bytes:
    """The paper as a tagged PDF.

    Raises TooMany when others are being set for so long that it is better to ask again, Unavailable for a paper that
    is larger than any should be.
    """
    said = json.dumps(_said(paper), ensure_ascii=False)
    if len(said) > LARGEST:
        raise Unavailable(_("This document is too long to be made here."))
    if not _ONE_AT_A_TIME.acquire(timeout=LONGEST_WAIT):
        raise TooMany(_("Many documents are being made at the moment. Try again in a minute."))
    try:
        return _set(said, clock.now())
    finally:
        _ONE_AT_A_TIME.release()


def _set(said: str, at: datetime) -> bytes:
    try:
        return _compiled(said, at, ["ua-1"])
    except typst.TypstError as error:
        if _NO_LETTER not in error.message:
            raise
    # A name in Chinese, say. PDF/UA forbids letters without a shape; a bill without its claim is better than none.
    log.warning("A paper has letters that our fonts have not: it is tagged, and no PDF/UA")
    return _compiled(said, at, [])


def _compiled(said: str, at: datetime, standards: list[Literal["ua-1"]]) -> bytes:
    compiler = typst.Compiler(
        _source(),
        root=_HERE,
        font_paths=_fonts(),
        ignore_system_fonts=True,
        sys_inputs={"paper": said},
        package_path=_NOWHERE,
        package_cache_path=_NOWHERE,
    )
    made = compiler.compile(format="pdf", pdf_standards=[*standards], timestamp=int(at.timestamp()))
    assert isinstance(made, bytes), "one file, and not one for each page"
    return made


@cache
def _source() -> bytes:
    return (_HERE / "paper.typ").read_bytes()


@cache
def _fonts() -> typst.Fonts:
    return typst.Fonts(include_system_fonts=False)


def _said(paper: Paper) -> Mapping[str, Any]:  # plain JSON
    with using(paper.language):
        words = {"page": _("Page"), "of": _("of")}
    return {
        "title": _named(clean(paper.title)),
        "language": paper.language,
        "sender": _plain(paper.sender),
        "foot": clean(paper.foot),
        "words": words,
        "blocks": [_block(block) for block in paper.blocks],
    }


def clean(text: str) -> str:
    """The text without what no page can show."""
    return _UNSHOWABLE.sub("", text)


def _named(text: str) -> str:
    """A dash where nothing would be seen: PDF/UA takes no title or heading that is empty."""
    return text if any(category(letter)[0] not in "CZ" for letter in text) else _NOTHING


def _block(block: Block) -> Mapping[str, Any]:  # plain JSON
    """The block under its name, with what it holds."""
    said = {field.name: _plain(getattr(block, field.name)) for field in fields(block)}
    if isinstance(block, Code):
        said["drawing"] = code_svg(block.address)
    for name in _NAMES & said.keys() if block.kind in _WITH_NAMES else ():
        said[name] = _named(said[name])
    return {"kind": block.kind, **said}


def _plain(value: Any) -> Any:  # whatever the fields of blocks hold
    if isinstance(value, str):
        return clean(value)
    if isinstance(value, bool | int):
        return value
    if isinstance(value, Sequence):
        return [_plain(one) for one in value]
    return _block(value)
