"""The reference of `portal.kit`, made from its docstrings: `moothall service reference > services/KIT.md`."""

import ast
import inspect
import textwrap
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from importlib import import_module
from itertools import pairwise
from pathlib import Path
from types import ModuleType
from typing import Final

import portal.kit
from portal.kit.versions import VERSIONS, Version

SUBJECTS: Final[Mapping[str, Sequence[str]]] = {
    "The manifest": ("kit.manifest", "kit.values", "kit.versions", "kit.mounting", "kit.derived", "kit.settings"),
    "Who is there": ("identity", "accounts", "web.access", "web.browser"),
    "Cases": ("cases",),
    "Pages": ("web", "kit.links"),
    "Forms": ("web.forms", "web.uploads"),
    "Words, days and money": ("web.languages", "web.money", "clock", "references"),
    "The database": ("db",),
    "Errors": ("errors",),
    "Telling people": ("kit.mail",),
    "Files": ("files", "kit.fetching"),
    "Papers": ("papers",),
    "Addresses and proof of them": ("gazetteer", "joining.address_proofs"),
    "Records that residents join": ("joining",),
    "Back offices": ("backoffices", "kit.offices"),
    "Back offices played by us": ("standins",),
    "Payments": ("payments", "kit.paying"),
    "The desk": ("staff", "kit.at_desk", "kit.texts_at_desk", "web.spreadsheets"),
    "Jobs, limits, secrets and the trail": ("jobs", "web.limits", "signing", "audit"),
}
"""In the order of the page: the modules below `portal` from which the names of each subject come. The longest fits."""
WIDTH: Final = 100
INTRODUCTION: Final = """\
# The reference of `portal.kit`

All that a service may import from the portal, made from its docstrings by `moothall service reference >
services/KIT.md`: change it there, not here. What a service is, and how these fit together: `services/README.md`.
"""


@dataclass(frozen=True, slots=True)
class Entry:
    """One name of the kit: how it is called or made, and the first paragraph of its docstring, "" without one."""

    name: str
    subject: str
    signature: str
    words: str


def reference() -> str:
    """The whole page, in Markdown."""
    found = entries()
    parts = [INTRODUCTION]
    for subject in SUBJECTS:
        those = [_entry(each) for each in found if each.subject == subject]
        parts.append("\n".join([f"## {subject}\n", *those]))
    return "\n".join([*parts, _versions()])


def entries() -> Sequence[Entry]:
    """All names of the kit, as `__all__` orders them. Raises LookupError for a module that is of no subject."""
    return [_made(name, *_imported()[name]) for name in portal.kit.__all__]


@cache
def _imported() -> Mapping[str, tuple[str, str]]:
    """From where the kit has each name: the module and what it is called there, "" for the module itself."""
    found = {}
    for node in _tree(portal.kit).body:
        if isinstance(node, ast.ImportFrom) and node.module:
            for each in node.names:
                is_module = node.module == "portal" or each.name == "values"
                place = (f"{node.module}.{each.name}", "") if is_module else (node.module, each.name)
                found[each.asname or each.name] = place
    return found


def _made(name: str, module: str, called: str) -> Entry:
    home = import_module(module)
    if not called:
        return Entry(name, _subject(module), name, _first(inspect.getdoc(home)))
    thing = inspect.unwrap(getattr(home, called))
    if not inspect.isclass(thing) and not inspect.isfunction(thing):
        return Entry(name, _subject(module), name, _first(_words_under(home, called)))
    node = _definition(import_module(thing.__module__), thing.__name__)
    return Entry(name, _subject(module), _signature(name, node), _first(ast.get_docstring(node)))


def _subject(module: str) -> str:
    below = module.removeprefix("portal.")
    fits = {
        start: subject
        for subject, starts in SUBJECTS.items()
        for start in starts
        if f"{below}.".startswith(f"{start}.")
    }
    if not fits:
        raise LookupError(f"{module} is of no subject: name it in portal.kit.reference.SUBJECTS")
    return fits[max(fits, key=len)]


@cache
def _tree(module: ModuleType) -> ast.Module:
    return ast.parse(Path(inspect.getfile(module)).read_text(encoding="utf-8"))


def _definition(module: ModuleType, name: str) -> ast.FunctionDef | ast.ClassDef:
    for node in _tree(module).body:
        if isinstance(node, ast.FunctionDef | ast.ClassDef) and node.name == name:
            return node
    raise LookupError(f"{module.__name__} has no {name} of its own")


def _words_under(module: ModuleType, name: str) -> str | None:
    """The string below an assignment, as constants and types are documented."""
    body = _tree(module).body
    for node, after in pairwise(body):
        targets = (
            node.targets if isinstance(node, ast.Assign) else [node.target] if isinstance(node, ast.AnnAssign) else []
        )
        if any(isinstance(each, ast.Name) and each.id == name for each in targets):
            words = after.value if isinstance(after, ast.Expr) else None
            return inspect.cleandoc(str(words.value)) if isinstance(words, ast.Constant) else None
    return None


def _signature(name: str, node: ast.FunctionDef | ast.ClassDef) -> str:
    if isinstance(node, ast.FunctionDef):
        returns = f" -> {ast.unparse(node.returns)}" if node.returns else ""
        return _wrapped(name, _split(ast.unparse(node.args)), returns)
    for each in node.body:
        if isinstance(each, ast.FunctionDef) and each.name == "__init__":
            return _wrapped(name, _split(ast.unparse(each.args))[1:], "")  # but for self
    if not any("dataclass" in ast.unparse(each) for each in node.decorator_list):
        return name
    only_named = any("kw_only=True" in ast.unparse(each) for each in node.decorator_list)
    fields = [ast.unparse(each) for each in node.body if isinstance(each, ast.AnnAssign)]
    return _wrapped(name, [*(["*"] if only_named else []), *fields], "")


def _split(arguments: str) -> list[str]:
    """At the commas that are in no brackets."""
    found, depth = [""], 0
    for letter in arguments:
        depth += (letter in "([{") - (letter in ")]}")
        if letter == "," and depth == 0:
            found.append("")
        else:
            found[-1] += letter
    return [each.strip() for each in found if each.strip()]


def _wrapped(name: str, arguments: Sequence[str], returns: str) -> str:
    whole = f"{name}({', '.join(arguments)}){returns}"
    if len(whole) <= WIDTH:
        return whole
    unbroken = " ".join(f"{each},".replace(" ", "\0") for each in arguments)
    lines = textwrap.wrap(unbroken, WIDTH - 4, break_long_words=False, break_on_hyphens=False)
    return "\n".join([f"{name}(", *(f"    {line}" for line in lines), f"){returns}"]).replace("\0", " ")


def _first(words: str | None) -> str:
    return " ".join(words.split("\n\n")[0].split()) if words else ""


def _entry(each: Entry) -> str:
    called = "" if each.signature == each.name else f"```python\n{each.signature}\n```\n\n"
    return f"### `{each.name}`\n\n{called}{each.words}\n"


def _versions() -> str:
    lines = [line for version in VERSIONS for line in _version(version)]
    return "\n".join(["## Versions of the contract\n", *lines]).rstrip() + "\n"


def _version(version: Version) -> Iterator[str]:
    yield f"### {version.number}, {version.on:%d %B %Y}\n".replace(" 0", " ")
    yield from (f"- {new}" for new in version.new)
    yield from (f"- To change: {order}." for order in version.to_change)
    yield from (f"- `{name}` is gone: {instead}." for name, instead in version.gone.items())
    yield from (f"- `{name}` is deprecated: {instead}." for name, instead in version.deprecated.items())
    yield ""
