"""What follows from a service's slug, so that nobody has to declare it."""

import uuid
from typing import Annotated, TypeVar, cast

from flask import Blueprint, current_app
from sqlalchemy import ForeignKey, MetaData, Uuid
from sqlalchemy.orm import mapped_column

from portal.db.base import base_for
from portal.kit.settings import ServiceSettings

S = TypeVar("S", bound=ServiceSettings)

AccountId = Annotated[uuid.UUID, mapped_column(Uuid, ForeignKey("portal.account.id"))]
"""A column that names the resident. Give it an index: every page looks rows up by it."""
CaseId = Annotated[uuid.UUID, mapped_column(Uuid, ForeignKey("portal.case.id"))]
"""A column that names the case in the shared ledger."""


def slug_of(module: str) -> str:
    """The slug of the service that a module belongs to: the folder that holds `service.py`'s package."""
    parts = module.split(".")
    last = {"models", "views", "service", "settings"}
    for place, part in enumerate(parts):
        if part in last:
            return parts[place - 1]
    raise ValueError(f"{module} is not a module of a service")


def service_metadata(module: str) -> MetaData:
    """What a service's tables belong to, in the schema of its slug.

    In models.py: `class Base(DeclarativeBase): metadata = service_metadata(__name__)`. A base made by a function would
    be hidden from the type checker.
    """
    return base_for(slug_of(module)).metadata


def service_blueprint(module: str, name: str = "") -> Blueprint:
    """A service's blueprint: `bp = service_blueprint(__name__)` in views.py. The portal gives it its prefix.

    With a `name` one that stands elsewhere: see `Mount`.
    """
    slug = slug_of(module)
    return Blueprint(f"{slug}_{name}" if name else slug, module)


def settings_of(kind: type[S]) -> S:
    """The service's settings as they were read at start: `settings_of(PermitSettings)`."""
    return cast(S, current_app.extensions[settings_key(slug_of(kind.__module__))])


def case_path(reference: str) -> str:
    """The page of a case, for its resident: the same for every service."""
    return f"/cases/{reference}"


def settings_key(slug: str) -> str:
    """Where an application keeps a service's settings."""
    return f"moothall.settings.{slug}"
