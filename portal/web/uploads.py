"""How much a page takes at once: what a form with files may hold in all."""

from collections.abc import Callable
from typing import Any, Final, TypeVar

from flask import current_app, request

MOST_FILES: Final = "moot_most_files"
View = TypeVar("View", bound=Callable[..., Any])  # a view of any signature is given back as it is


def takes_files(most: int) -> Callable[[View], View]:
    """Mark a view that takes so many files in one form: each may be as large as the one file of any other form."""

    def mark(view: View) -> View:
        setattr(view, MOST_FILES, most)
        return view

    return mark


def bound() -> None:
    """Only a form with files may be large: any other body is read into memory whole and parsed at once."""
    config = current_app.config
    if request.mimetype != "multipart/form-data":
        request.max_content_length = min(config["MAX_CONTENT_LENGTH"], config["MAX_FORM_MEMORY_SIZE"])
        return
    most = getattr(current_app.view_functions.get(request.endpoint or ""), MOST_FILES, 1)
    request.max_content_length = most * config["MAX_CONTENT_LENGTH"]
