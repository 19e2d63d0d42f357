"""For which cases something holds that staff write: a choice of services and their kinds of case, or of all."""

from portal.cases.types import all_types, find_type
from portal.registry.mount import service_titles
from portal.staff.rights import current_grants
from portal.staff.values import Right
from portal.web.languages import gettext as _

SEPARATOR = "/"


def joined(service: str, kind: str) -> str:
    """The two as one value of a field."""
    return f"{service}{SEPARATOR}{kind}" if kind else service


def parted(chosen: str) -> tuple[str, str]:
    """Service and kind from the value of a field; both empty for every case."""
    service, _separator, kind = chosen.partition(SEPARATOR)
    return service, kind


def choices(right: Right, *, area: str | None = None, team: str | None = None) -> list[tuple[str, str]]:
    """Every case, each service, and each of its kinds of case: where the member of staff has this right."""
    found = {"": _("Every case"), **kinds()}
    return [(value, title) for value, title in found.items() if may(right, *parted(value), area=area, team=team)]


def kinds() -> dict[str, str]:
    """Each service, and each of its kinds of case, in words."""
    found: dict[str, str] = {}
    for each in all_types():
        found.setdefault(each.service, in_words(each.service, ""))
        found[joined(each.service, each.slug)] = in_words(each.service, each.slug)
    return found


def service_called(slug: str) -> str:
    """The title of a service; its code where it is gone."""
    return service_titles().get(slug, slug)


def kind_called(service: str, kind: str) -> str:
    """The title of a kind of case; its code where nobody knows it any more."""
    case_type = find_type(service, kind)
    return str(case_type.title) if case_type else kind


def in_words(service: str, kind: str) -> str:
    """What is meant, for a list."""
    if not service:
        return _("Every case")
    if not kind:
        return _("All of %(service)s", service=service_called(service))
    return f"{service_called(service)}: {kind_called(service, kind)}"


def may(right: Right, service: str, kind: str, *, area: str | None = None, team: str | None = None) -> bool:
    """Whether the member of staff has this right there: in this area and for this team. None is for some at least,
    empty for every one.
    """
    return current_grants().allow(right, service=service, type=kind, area=area, team=team)
