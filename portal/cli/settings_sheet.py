"""Every setting, as a sample environment file."""

import json
import types
import typing
from collections.abc import Iterator
from typing import Any

import click
from pydantic import BaseModel, SecretStr
from pydantic.fields import FieldInfo
from pydantic_core import PydanticUndefined

from portal.registry.discovery import discover
from portal.settings.portal import Settings


@click.command()
def settings() -> None:
    """Print every setting as a sample environment file.

    What is set by default stands behind a `#`; remove it to change the value. Nothing of the present environment is
    read or shown.
    """
    click.echo("# Settings of Moothall. `moothall check` says whether they work.")
    for line in sheet(Settings, "MOOTHALL_"):
        click.echo(line)
    for each in discover():
        if each.service.settings is not None:
            click.echo(f"\n# --- {each.service.title} ({each.slug})")
            for line in sheet(each.service.settings, f"MOOTHALL_{each.slug.upper()}_"):
                click.echo(line)


def sheet(model: type[BaseModel], prefix: str) -> Iterator[str]:
    """The lines for one class of settings: its plain ones, then each nested class under a heading of its own."""
    parts = []
    for name, field in model.model_fields.items():
        variable = f"{prefix}{name.upper()}"
        nested, named = _nested(field)
        if nested is not None:
            parts.append((field.description, nested, f"{variable}__{'NAME__' if named else ''}"))
            continue
        yield ""
        yield from (f"# {line}" for line in (field.description or "").splitlines())
        yield f"#{variable}={_shown(field)}"
    for heading, nested, inner in parts:
        yield f"\n# --- {heading}"
        yield from sheet(nested, inner)


def _nested(field: FieldInfo) -> tuple[type[BaseModel] | None, bool]:
    """The class of a nested setting, and whether there may be several by name."""
    kind = field.annotation
    if typing.get_origin(kind) is dict:
        kind = typing.get_args(kind)[1]
        return (kind, True) if isinstance(kind, type) and issubclass(kind, BaseModel) else (None, False)
    if typing.get_origin(kind) in (typing.Union, types.UnionType):
        return None, False
    return (kind, False) if isinstance(kind, type) and issubclass(kind, BaseModel) else (None, False)


def _shown(field: FieldInfo) -> str:
    default: Any = field.get_default(call_default_factory=True, validated_data={})
    if default is PydanticUndefined or default is None:
        return ""
    if isinstance(default, SecretStr):
        return default.get_secret_value()
    if isinstance(default, bool):
        return str(default).lower()
    if isinstance(default, dict | list | tuple | set | frozenset):
        listed = default if isinstance(default, dict) else sorted(map(str, default)) if default else []
        return json.dumps(listed if not isinstance(default, tuple) else list(map(str, default)))
    return str(default)
