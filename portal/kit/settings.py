"""A service's own settings: `MOOTHALL_<SLUG>_…`, read once at start, faults reported with the rest."""

from typing import Any, TypeVar

from pydantic import ValidationError
from pydantic_settings import BaseSettings, SettingsConfigDict

from portal.errors import SetupError
from portal.settings.reading import describe

S = TypeVar("S", bound="ServiceSettings")


class ServiceSettings(BaseSettings):
    """Base of a service's settings class. The prefix follows from the slug and is never declared."""

    model_config = SettingsConfigDict(frozen=True, use_attribute_docstrings=True, extra="ignore")


def read_settings(kind: type[S], slug: str) -> S:
    """The service's settings from the environment. Raises SetupError, one line for each fault."""
    prefix = f"MOOTHALL_{slug.upper()}_"
    arguments: dict[str, Any] = {"_env_prefix": prefix, "_env_nested_delimiter": "__"}
    try:
        return kind(**arguments)
    except ValidationError as error:
        raise SetupError("\n".join(describe(error, prefix))) from None
