"""The floors: portal.kit is the only door, no other service is touched, and a service's files keep their order."""

from collections.abc import Iterable, Iterator, Sequence
from typing import Final

import grimp

from portal.conformance.check import Check
from portal.conformance.findings import Finding, Look
from portal.conformance.house import House

DOOR: Final = "portal.kit"
FLOORS: Final[Sequence[frozenset[str]]] = (
    frozenset({"tests"}),
    frozenset({"service"}),
    frozenset({"views", "demo", "standin"}),
    frozenset({"forms"}),
    frozenset({"operations"}),
    frozenset({"queries"}),
    frozenset({"models", "backoffice"}),
    frozenset({"rules", "workflow"}),
    frozenset({"settings"}),
)
"""The files of a service, top floor first; pyproject.toml holds the same for those in this tree."""
LEVEL: Final = {name: number for number, floor in enumerate(FLOORS) for name in floor}
TOUCH_TABLES: Final = frozenset({"operations", "queries", "models", "demo", "tests"})
NO_WEB: Final = frozenset({"operations", "queries", "models", "rules", "workflow"})
WEB: Final = frozenset({"flask", "wtforms", "werkzeug"})
UNJUDGED: Final = frozenset({"migrations", "tests"})
"""Migrations stand beside the house; the tests of a service may use what tests share."""


def judge(house: House) -> Iterable[Look]:
    """One look for each of its modules."""
    package = house.mounted.package
    graph = grimp.build_graph(package.partition(".")[0], "portal", include_external_packages=True)
    others = [each.package for each in house.services if each.package != package]
    for module in sorted({package} | graph.find_descendants(package)):
        floor = _floor(module, package)
        if floor in UNJUDGED:
            continue
        found = list(_strays(floor, module, house))
        for imported in sorted(graph.find_modules_directly_imported_by(module)):
            what, mend = _fault(floor, imported, package, others)
            if what:
                line = graph.get_import_details(importer=module, imported=imported)[0]["line_number"]
                found.append(Finding(what, mend, f"{_file(module, house)}:{line}"))
        yield Look(module, tuple(found))


def _strays(floor: str, module: str, house: House) -> Iterator[Finding]:
    if floor and floor not in LEVEL:
        yield Finding(
            f"`{floor}` is no room of a service",
            f"Put it into one of {', '.join(LEVEL)}, or make a folder of the one that has outgrown its page.",
            _file(module, house),
        )


def _fault(floor: str, imported: str, package: str, others: Sequence[str]) -> tuple[str, str]:
    """What is wrong with an import and how to mend it; two empty strings when nothing is."""
    if _is_in(imported, "portal") and imported != DOOR:
        return f"it imports {imported}", "Import it from portal.kit. What is not there is the portal's own affair."
    if any(_is_in(imported, other) for other in others):
        return f"it imports {imported}, another service", "Ask through portal.kit: services do not know each other."
    if imported in WEB and floor in NO_WEB:
        return f"it imports {imported}", f"`{floor}` knows nothing of the web: do it in views or forms."
    if not _is_in(imported, package):
        return "", ""
    other = _floor(imported, package)
    if LEVEL.get(other, 99) < LEVEL.get(floor, -1):
        return f"it imports `{other}`, which stands above `{floor}`", "Move what both need to the lower of the two."
    if other == "models" and floor not in TOUCH_TABLES:
        return "it imports `models`", "Ask by queries and change by operations: they alone touch tables."
    if other in FLOORS[LEVEL.get(floor, 0)] and other != floor:
        return f"it imports `{other}`, beside it on one floor", "Move what both need to a lower floor."
    return "", ""


def _floor(module: str, package: str) -> str:
    return module.removeprefix(package).strip(".").partition(".")[0]


def _is_in(module: str, package: str) -> bool:
    return f"{module}.".startswith(f"{package}.")


def _file(module: str, house: House) -> str:
    path = house.mounted.folder.joinpath(*module.removeprefix(house.mounted.package).strip(".").split("."))
    return house.short(str(path / "__init__.py" if path.is_dir() else path.with_suffix(".py")))


CHECK: Final = Check(
    name="floors",
    holds="It enters the portal by portal.kit alone, knows no other service, and its files keep their order.",
    mend="services/README.md says which file may import which.",
    judge=judge,
)
