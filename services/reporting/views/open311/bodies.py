"""What programs post: a form, in UTF-8. Anything else is said to be so before the rest is looked at.

The parser of forms drops what it cannot read, and what is left would look like a post without its key.
"""

import codecs
from typing import Final
from urllib.parse import unquote_to_bytes

from flask import current_app, request
from werkzeug.exceptions import RequestEntityTooLarge

from services.reporting.rules.open311.faults import UNSUPPORTED, wrong
from services.reporting.rules.open311.media import MOST_PHOTOS

URLENCODED: Final = "application/x-www-form-urlencoded"
MULTIPART: Final = "multipart/form-data"
READ: Final = ("utf-8", "ascii")
NO_LETTER: Final = "\ufffd"
"""What the parser puts for what is no letter in UTF-8."""


def check_body() -> None:
    """Raise Wrong for a body that is no form, or not in UTF-8."""
    if request.method != "POST":
        return
    _check_letters(request.query_string)
    if not request.content_length and "Transfer-Encoding" not in request.headers:
        return  # everything stands in the address
    if request.mimetype not in (URLENCODED, MULTIPART):
        raise wrong(f"send a form: Content-Type is {URLENCODED} or {MULTIPART}", UNSUPPORTED)
    if request.headers.get("Content-Encoding", "").strip().lower() not in ("", "identity"):
        raise wrong("send it without Content-Encoding", UNSUPPORTED)
    if _charset() not in READ:
        raise _no_utf_8()
    if request.mimetype == MULTIPART:
        _check_parts()
    else:
        _check_letters(_whole())


def how_large() -> str:
    """What is said of a body that is too large: its size, and how large one may be."""
    config = current_app.config
    text, files = config["MAX_FORM_MEMORY_SIZE"], MOST_PHOTOS * config["MAX_CONTENT_LENGTH"]
    came = f"{request.content_length} bytes came; " if request.content_length else ""
    return (
        f"{came}a form may have {text} bytes, and as {MULTIPART} {files} with its files,"
        f" in at most {request.max_form_parts} parts"
    )


def _whole() -> bytes:
    """The body. Of one that names no length the stream gives as much as is allowed, and keeps quiet about the rest."""
    body = request.get_data()
    if len(body) >= (request.max_content_length or len(body) + 1):
        raise RequestEntityTooLarge
    return body


def _charset() -> str:
    try:
        return codecs.lookup(request.mimetype_params.get("charset", "utf-8")).name
    except LookupError:
        return ""


def _check_letters(written: bytes) -> None:
    """Of a whole form at once: what stands between its fields is ASCII."""
    try:
        unquote_to_bytes(written).decode("utf-8")
    except UnicodeDecodeError:
        raise _no_utf_8() from None


def _check_parts() -> None:
    if not request.mimetype_params.get("boundary"):
        raise wrong(f"{MULTIPART} without a boundary cannot be read")
    if not request.form and not request.files:
        raise wrong(f"the {MULTIPART} cannot be read to its end")
    if any(NO_LETTER in text for field in request.form.items(multi=True) for text in field):
        raise _no_utf_8()


def _no_utf_8() -> Exception:
    return wrong("send it in UTF-8")
