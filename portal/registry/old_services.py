"""What a service made for another version of the contract is told: what it must change now, and what will go."""

import ast
import importlib.util
import logging
import re
from collections.abc import Iterator, Mapping, Sequence
from importlib.machinery import ModuleSpec
from pathlib import Path
from typing import Final

import portal.kit
from portal.kit.checks import BadManifest, check_contract
from portal.kit.versions import deprecated, instead_of

log = logging.getLogger(__name__)

KIT: Final = "portal.kit"
MADE_WRONG: Final = re.compile(
    r"(?P<kind>\w+)\.__init__\(\) "
    r"(missing .*?'(?P<missing>\w+)'|got an unexpected keyword argument '(?P<unknown>\w+)')"
)
NO_SUCH_NAME: Final = re.compile(rf"cannot import name '(\w+)' from '{re.escape(KIT)}'")
SAYS_CONTRACT: Final = re.compile(r"\bcontract\s*=\s*[\"'](\d{1,3}\.\d{1,3})[\"']")


def explained(error: Exception, module: str, package: str) -> BadManifest | None:
    """What is wrong with a service whose manifest cannot even be made, when the contract says so; else None.

    A manifest with a field too few or too many, or that imports what the kit has no more, fails at import. If the
    source says that it was made for another major version, that is the reason.
    """
    made, name = MADE_WRONG.match(str(error)), NO_SUCH_NAME.match(str(error))
    if name is None and (made is None or made["kind"] not in portal.kit.__all__):
        return None
    said = SAYS_CONTRACT.search(_source(importlib.util.find_spec(module)))
    try:
        if said is not None:
            check_contract(said[1], package)
    except BadManifest as older:
        return older
    return _of_name(name[1], package) if name is not None else _of_field(made, package)


def warnings_of(package: str, folder: Path) -> Sequence[str]:
    """What the service in that folder uses and will not find in the next major version, a sentence for each name."""
    going = deprecated()
    if not going:  # as in most versions: then nothing is read
        return ()
    used = {name for path in sorted(folder.rglob("*.py")) for name in _used(ast.parse(path.read_bytes()))}
    return [f"The service in {package} uses what will go: {going[name]}." for name in sorted(used & set(going))]


def warn(package: str, folder: Path) -> None:
    """Log it, once for each start."""
    for sentence in warnings_of(package, folder):
        log.warning("%s", sentence)


def _of_field(made: re.Match[str] | None, package: str) -> BadManifest | None:
    """Of another value than the manifest itself, only what is known to be gone: else its trace says more."""
    assert made is not None
    instead = instead_of(f"{made['kind']}.{made['unknown']}")
    if instead:
        return BadManifest(package, made["unknown"], f"is gone: {instead}")
    if made["kind"] != "Service":
        return None
    return BadManifest(
        package, made["missing"] or made["unknown"], "is missing" if made["missing"] else "is not a field of a service"
    )


def _of_name(name: str, package: str) -> BadManifest:
    instead = instead_of(name)
    return BadManifest(package, name, f"is gone: {instead}" if instead else f"is not in {KIT}: see services/KIT.md")


def _source(spec: ModuleSpec | None) -> str:
    return Path(spec.origin).read_text(encoding="utf-8") if spec is not None and spec.origin else ""


def _used(tree: ast.Module) -> Iterator[str]:
    """The names of the kit that a file uses, and `Card.tag` for each field that it gives to one."""
    called: dict[str, str] = {}  # as the file calls it: as the kit does
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom) and node.module == KIT:
            called |= {each.asname or each.name: each.name for each in node.names}
    yield from called.values()
    for node in ast.walk(tree):
        if isinstance(node, ast.Attribute) and ast.unparse(node.value) == KIT:
            yield node.attr
        elif isinstance(node, ast.Call):
            yield from _fields(node, called)


def _fields(call: ast.Call, called: Mapping[str, str]) -> Iterator[str]:
    made = call.func
    if isinstance(made, ast.Name) and made.id in called:
        yield from (f"{called[made.id]}.{each.arg}" for each in call.keywords if each.arg)
    elif isinstance(made, ast.Attribute) and ast.unparse(made.value) == KIT:
        yield from (f"{made.attr}.{each.arg}" for each in call.keywords if each.arg)
