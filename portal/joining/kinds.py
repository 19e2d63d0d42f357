"""The kinds of record of this application: what each service has declared."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Final

from flask import Flask, current_app

from portal.errors import NotFound, SetupError
from portal.joining.values import RecordKind
from portal.web.languages import gettext as _

EXTENSION: Final = "moothall.record_kinds"


@dataclass(frozen=True, slots=True)
class Declared:
    """A kind of record, with the service that declared it."""

    service: str
    service_title: object
    """Text, or what becomes it when it is shown."""
    kind: RecordKind


def add(app: Flask, service: str, title: object, declared: Iterable[RecordKind]) -> None:
    """Take in a service's kinds of record. Raises SetupError when one comes twice."""
    known: dict[tuple[str, str], Declared] = app.extensions.setdefault(EXTENSION, {})
    for each in declared:
        if (service, each.code) in known:
            raise SetupError(f"The service {service} cannot start: it has two kinds of record called `{each.code}`.")
        known[service, each.code] = Declared(service, title, each)


def all_kinds() -> Sequence[Declared]:
    """Every kind of record that can be joined here, by service and code."""
    known: dict[tuple[str, str], Declared] = current_app.extensions.get(EXTENSION, {})
    return [known[key] for key in sorted(known)]


def find_kind(service: str, code: str) -> Declared | None:
    """The kind, or None: a joined record outlives the service that it is of."""
    found: Declared | None = current_app.extensions.get(EXTENSION, {}).get((service, code))
    return found


def get_kind(service: str, code: str) -> Declared:
    """The kind. Raises NotFound."""
    found = find_kind(service, code)
    if found is None:
        raise NotFound(_("There is nothing of that kind to add to your account."))
    return found
