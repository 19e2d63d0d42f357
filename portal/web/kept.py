"""What a resident typed, to be put back into a page of theirs when the form could not be taken."""

from collections.abc import Iterator
from typing import Final

from flask import request
from werkzeug.datastructures import MultiDict

FIELD: Final = "csrf_token"
KEPT_BYTES: Final = 100_000
SECRET: Final = ("password", "sort_code", "account_number")
"""In the names of fields that are kept nowhere, not even for a resident whose session has ended."""


def worth_keeping(form: MultiDict[str, str]) -> Iterator[tuple[str, str]]:
    """What was typed, without the token, secrets and what is too much to send back."""
    budget = KEPT_BYTES
    for name, value in form.items(multi=True):
        budget -= len(name) + len(value)
        if budget < 0:
            return
        if name != FIELD and not is_secret(name):
            yield name, value


def is_secret(name: str) -> bool:
    """Whether a field of this name is never kept: passwords, and the digits of bank accounts."""
    return any(part in name.lower() for part in SECRET)


def is_too_long(form: MultiDict[str, str]) -> bool:
    """Whether more was typed than is sent back: then the page must say so."""
    return sum(len(name) + len(value) for name, value in form.items(multi=True)) > KEPT_BYTES


def brings_file() -> bool:
    """Whether a file was sent with the form."""
    return any(file.filename for file in request.files.values())


def brings_password(form: MultiDict[str, str]) -> bool:
    """Whether a password was sent with the form: such a one is never sent back."""
    return any("password" in name.lower() and value for name, value in form.items(multi=True))
