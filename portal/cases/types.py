"""The case types of this application: what each service has declared."""

from collections.abc import Iterable

from flask import Flask, current_app

from portal.cases.values import CaseType, Status
from portal.errors import SetupError

EXTENSION = "moothall.case_types"


def add(app: Flask, service: str, declared: Iterable[CaseType]) -> None:
    """Take in a service's case types. Raises SetupError when one bears another service's name, or comes twice."""
    known: dict[tuple[str, str], CaseType] = app.extensions.setdefault(EXTENSION, {})
    for each in declared:
        if each.service != service:
            raise SetupError(
                f"The service {service} cannot start: its case type `{each.slug}` says `service={each.service!r}`."
            )
        if (service, each.slug) in known:
            raise SetupError(f"The service {service} cannot start: it has two case types called `{each.slug}`.")
        known[service, each.slug] = each


def find_type(service: str, slug: str) -> CaseType | None:
    """The case type, or None: a case outlives the service that took it."""
    found: CaseType | None = current_app.extensions.get(EXTENSION, {}).get((service, slug))
    return found


def find_status(service: str, slug: str, code: str) -> Status | None:
    """What a status of that case type means, if anybody still knows."""
    case_type = find_type(service, slug)
    return case_type.find_status(code) if case_type else None
