"""Read the settings from the environment, and say every fault at once."""

import os
import re
from collections.abc import Mapping
from typing import Any

from pydantic import ValidationError

from portal.errors import SetupError
from portal.settings.portal import Settings

OF_ONE_FIELD = re.compile(r"(?P<field>[a-z_]+(?:\.[a-z_]+)*)(?: \([A-Z_]+\))? (?P<rest>must .*)", re.DOTALL)


def load_settings(environ: Mapping[str, str] | None = None, **fixed: Any) -> Settings:
    """Read the settings; `fixed` wins over the environment.

    Raises SetupError with one line for each fault, so that all can be mended at once.
    """
    if environ is not None:
        before = dict(os.environ)
        os.environ.clear()
        os.environ.update(environ)
    try:
        return Settings(**fixed)
    except ValidationError as error:
        raise SetupError("\n".join(describe(error))) from None
    finally:
        if environ is not None:
            os.environ.clear()
            os.environ.update(before)


def describe(error: ValidationError, prefix: str = "MOOTHALL_") -> list[str]:
    """One sentence for each fault, naming the variable to change. Never the value: it may be secret."""
    sentences = []
    for fault in error.errors():
        where = [str(part) for part in fault["loc"]]
        message = fault["msg"].removeprefix("Value error, ")
        if named := OF_ONE_FIELD.fullmatch(message):  # from a check of several fields together
            where, message = [*where, *named["field"].split(".")], named["rest"]
        name = prefix + "__".join(part.upper() for part in where)
        sentences.append(f"{name}: {message}." if where else f"Settings: {message}.")
    return sentences
