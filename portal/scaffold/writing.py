"""Write a new service from the skeleton: the files of `skeleton/` with the service's names put in.

The skeleton's files end in `.tmpl`, so that nothing takes them for code, pages or texts of the portal. `<< name >>` is
replaced and `<% if %>` chosen; what a page's own template says in braces is left alone.
"""

import io
import re
import shutil
import uuid
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from babel.messages.pofile import read_po, write_po
from jinja2 import Environment, StrictUndefined

from portal.errors import SetupError
from portal.kit.versions import CONTRACT

SKELETON: Final = Path(__file__).parent / "skeleton"
ENDING: Final = ".tmpl"
LONGEST_LINE: Final = 120
IMPORT: Final = re.compile(r"^(?P<start>from \S+ import )(?P<names>\w+(?:, \w+)*)$", re.MULTILINE)
DEMO_IDS: Final = uuid.UUID("3d0c1d0e-1f5e-4b2e-9a53-0f7c5f4f7a10")
"""Where the demo's ids of a new service begin: the same slug always has the same."""
_ENGINE: Final = Environment(
    variable_start_string="<<",
    variable_end_string=">>",
    block_start_string="<%",
    block_end_string="%>",
    comment_start_string="<#",
    comment_end_string="#>",
    undefined=StrictUndefined,
    keep_trailing_newline=True,
    autoescape=False,  # noqa: S701  # it writes Python and templates; `naming` lets no title in that means something there
)


@dataclass(frozen=True, slots=True, kw_only=True)
class NewService:
    """What is written: titles in both languages (Welsh may be missing), the slug, the package that it lives in."""

    title: str
    title_cy: str
    slug: str
    package: str

    @property
    def is_apart(self) -> bool:
        """Whether it is a project of its own, outside `services/`."""
        return self.package == self.slug

    @property
    def names(self) -> Mapping[str, object]:
        """What the skeleton's files say in such brackets.

        `gap` is the empty line between what is imported of the portal and what is the service's own: in this tree
        both are of one house, apart they are not.
        """
        tests = f"{self.package}.tests" if self.is_apart else "tests.support"
        return {
            "title": self.title,
            "slug": self.slug,
            "project": f"moothall-{self.slug.replace('_', '-')}",
            "package": self.package,
            "story": re.sub(r"[^a-z]+", "-", self.slug).strip("-"),
            "demo_id": uuid.uuid5(DEMO_IDS, self.slug),
            "contract": CONTRACT,
            "apart": self.is_apart,
            "gap": "\n" if self.is_apart else "",
            "browser": f"{tests}.browser" if self.is_apart else f"{tests}.residents",
            "migrating": f"{tests}.browser" if self.is_apart else f"{tests}.migrating",
        }


def write_service(new: NewService, services: Path) -> Path:
    """Write the service into its folder below `services`, whole or not at all. Raises SetupError if it is there."""
    folder = services / new.slug
    _write_whole(folder, _service_files(new))
    return folder


def write_project(new: NewService, folder: Path) -> Path:
    """Write the service as a project of its own into `folder`, which must not be there yet. Raises SetupError."""
    files = {Path(new.slug) / path: text for path, text in _service_files(new).items()}
    _write_whole(folder, files | {path: _filled(text, new) for path, text in _skeleton("project")})
    return folder


def _service_files(new: NewService) -> Mapping[Path, str]:
    """The package's files, by their place in it."""
    found: dict[Path, str] = {}
    for path, text in _skeleton("service"):
        if path.suffix == ".html":
            found[Path("templates", new.slug, path.name)] = _filled(text, new)
        elif path.suffix == ".po":
            found[path] = _with_title(text, new)
        else:
            found[path] = _filled(text, new)
    if new.is_apart:
        found |= {path: _filled(text, new) for path, text in _skeleton("apart")}
    return found


def _skeleton(part: str) -> Iterator[tuple[Path, str]]:
    """Each file of a part of the skeleton: its place, and its text as it stands."""
    root = SKELETON / part
    for path in sorted(root.rglob(f"*{ENDING}")):
        yield path.relative_to(root).with_suffix(""), path.read_text(encoding="utf-8")


def _filled(text: str, new: NewService) -> str:
    return IMPORT.sub(_wrapped, _ENGINE.from_string(text).render(new.names))


def _wrapped(found: re.Match[str]) -> str:
    """An import as the formatter has it: on one line while that is not too long."""
    if len(found[0]) <= LONGEST_LINE:
        return found[0]
    names = "".join(f"    {name},\n" for name in found["names"].split(", "))
    return f"{found['start']}(\n{names})"


def _with_title(text: str, new: NewService) -> str:
    """The catalogue with the title in it: in English, where nobody has said it in Welsh."""
    catalogue = read_po(io.BytesIO(text.encode()), locale="cy")
    if new.title not in catalogue:
        catalogue.add(new.title, string=new.title_cy or new.title)
    written = io.BytesIO()
    write_po(written, catalogue, width=110, sort_output=True)
    return written.getvalue().decode()


def _write_whole(folder: Path, files: Mapping[Path, str]) -> None:
    """All of these files, or none: a half-written service would stop every start of the portal."""
    if folder.exists():
        raise SetupError(f"{folder} is there already. Remove it, or choose another title or folder.")
    if not folder.parent.is_dir():
        raise SetupError(f"There is no folder {folder.parent}.")
    half = folder.with_name(f".{folder.name}.{uuid.uuid4().hex[:8]}")
    try:
        for path, text in files.items():
            (half / path).parent.mkdir(parents=True, exist_ok=True)
            (half / path).write_text(text, encoding="utf-8")
        half.rename(folder)
    except OSError as error:
        shutil.rmtree(half, ignore_errors=True)
        raise SetupError(f"{folder} could not be written: {error.strerror}.") from None
