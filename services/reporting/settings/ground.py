"""The council's own map: its boundary, wards, streets and things, read once from a folder of GeoJSON files.

`boundary`, `wards`, `neighbours`, `streets`, `parks` and `assets/<layer>`, each `.geojson`. Only `boundary` and
`streets` must be there. services/reporting/README.md says what each feature must be called.
"""

import re
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from functools import cache
from pathlib import Path
from typing import Final

from services.reporting.settings.shapes import FaultyShapes, Layer, Point, Shape, metres_between, read_shapes
from services.reporting.settings.street_words import folded, may_mean, parts_in, plain, runs_of, stems_of

EDGE_METRES: Final = 30.0
"""So far beyond the boundary a place is still ours: streets on it are drawn with a thick pen."""
NEAR_STREET_METRES: Final = 60.0
"""A point farther from every street is in none."""
SAME_NAME_METRES: Final = 250.0
"""Two streets of one name that are nearer to each other are one street, drawn in pieces."""
LIKE: Final = 0.9
MOST_LIKE: Final = 12
OF_COUNCILS: Final = frozenset({"council", "borough", "city", "county", "district", "london", "royal", "of", "the"})
"""Words in the names of councils that are not what people call the place."""


@dataclass(frozen=True, slots=True)
class Neighbour:
    """Another council, and how to reach it."""

    name: str
    url: str
    telephone: str


@dataclass(frozen=True, slots=True)
class Ward:
    """A part of the council's area: `code` in rules, rights and addresses, `title` as residents call it."""

    code: str
    title: str
    shape: Shape

    def holds(self, point: Point) -> bool:
        """Whether the place is in it, or on its edge."""
        return self.shape.holds(point) or self.shape.metres_from(point) <= EDGE_METRES


@dataclass(frozen=True, slots=True)
class Street:
    """A street of ours, or a park, which has no `usrn`. `part` tells two of one name apart; `point` lies on it, halfway
    along.
    """

    usrn: str
    name: str
    part: str
    point: Point

    @property
    def label(self) -> str:
        """Its name, and which of that name it is."""
        return f"{self.name}, {self.part}" if self.part else self.name

    @property
    def key(self) -> str:
        """What it is known by in a list of choices."""
        return self.usrn or self.name


@dataclass(frozen=True, slots=True)
class Asset:
    """A thing in the street that bears a number."""

    layer: str
    number: str
    street: str
    usrn: str
    point: Point


@dataclass(frozen=True, slots=True)
class Ground:
    """All that is drawn of the council's area."""

    boundary: Layer
    ward_shapes: Layer
    neighbours: Layer
    streets: Layer
    parks: Layer
    assets: Mapping[str, Layer]
    _by_name: Mapping[str, Sequence[Street]]
    _by_usrn: Mapping[str, Street]
    _by_number: Mapping[tuple[str, str], Asset]

    def is_ours(self, point: Point) -> bool:
        """Whether the council looks after the streets there."""
        if self.boundary.holding(point):
            return True
        return self.boundary.nearest(point, metres=EDGE_METRES) is not None

    def find_neighbour(self, point: Point) -> Neighbour | None:
        """The other council there, if the map shows which."""
        found = self.neighbours.holding(point)
        return _neighbour(found) if found else None

    def find_layer(self, name: str) -> Layer | None:
        """What is drawn under that name: `boundary`, `wards`, `streets`, `parks`, or a layer of things."""
        drawn = {"boundary": self.boundary, "wards": self.ward_shapes, "streets": self.streets, "parks": self.parks}
        return drawn.get(name) or self.assets.get(name)

    @property
    def wards(self) -> tuple[Ward, ...]:
        """The wards, in the order of the file."""
        return tuple(Ward(shape.facts["code"], shape.facts["name"], shape) for shape in self.ward_shapes.shapes)

    def street_near(self, point: Point) -> Street | None:
        """The street that a point is on or beside."""
        found = self.streets.nearest(point, metres=NEAR_STREET_METRES)
        return self._by_usrn.get(found.facts["usrn"]) if found else None

    def park_at(self, point: Point) -> str:
        """The name of the park that holds a point; empty for none."""
        found = self.parks.holding(point)
        return found.facts["name"] if found else ""

    def find_street(self, usrn: str) -> Street | None:
        """The street with that number."""
        return self._by_usrn.get(usrn)

    def streets_named_in(self, words: str) -> Sequence[Street]:
        """The streets or parks whose whole name stands in these words, of the longest name; of several those in the
        part of the borough that is named too, such as by a postcode.
        """
        found = next((named for run in runs_of(words) if (named := self._by_name.get(run))), ())
        return _in_part(found, parts_in(words))

    def streets_like(self, words: str) -> Sequence[Street]:
        """The streets or parks that may be meant: of this name, else of a name much like it, else of one that begins
        so; a few.
        """
        named = self.streets_named_in(words)
        if named:
            return named[:MOST_LIKE]
        names = get_close_matches(folded(words), self._by_name, n=MOST_LIKE, cutoff=LIKE)
        if not names and (stems := stems_of(words)):
            names = [name for name in self._by_name if may_mean(stems, name)]
        found = [street for name in names for street in self._by_name[name]]
        return _in_part(found, parts_in(words))[:MOST_LIKE]

    def neighbour_named_in(self, words: str) -> Neighbour | None:
        """The other council whose place these words name, as in `Bishops Park, Southmere`."""
        text = f" {plain(words)} "
        for shape in self.neighbours.shapes:
            called = " ".join(each for each in plain(shape.facts["name"]).split() if each not in OF_COUNCILS)
            if called and f" {called} " in text:
                return _neighbour(shape)
        return None

    def find_asset(self, layer: str, number: str) -> Asset | None:
        """The thing of that layer with that number, however it is typed."""
        typed = [number, *reversed(re.findall(r"\S*\d\S*", number))]  # also in `column no. 20417`
        return next((each for one in typed if (each := self._by_number.get((layer, numbered(one))))), None)

    def thing_at(self, layer: str, point: Point, *, metres: float) -> Asset | None:
        """The thing of that layer that stands there, if one is so near."""
        things = self.assets.get(layer)
        found = things.nearest(point, metres=metres) if things else None
        return self._by_number[layer, numbered(found.facts["number"])] if found else None


@cache
def read_ground(folder: Path) -> Ground:
    """The map in a folder. Raises FaultyShapes with one line for each fault of any file."""
    faults: list[str] = []

    def layer(name: str, *, needs: Sequence[str], area: bool, must: bool = False) -> list[Shape]:
        path = folder / f"{name}.geojson"
        if not must and not path.exists():
            return []
        try:
            return read_shapes(path, named=needs, kinds=("area",) if area else ("line", "point"))
        except FaultyShapes as error:
            faults.append(str(error))
            return []

    shapes = {
        "boundary": layer("boundary", needs=(), area=True, must=True),
        "ward_shapes": layer("wards", needs=("code", "name"), area=True),
        "neighbours": layer("neighbours", needs=("name",), area=True),
        "streets": layer("streets", needs=("name", "usrn"), area=False, must=True),
        "parks": layer("parks", needs=("name",), area=True),
    }
    names = sorted(path.stem for path in (folder / "assets").glob("*.geojson"))
    assets = {name: layer(f"assets/{name}", needs=("number",), area=False) for name in names}
    if faults:
        raise FaultyShapes("\n".join(faults))
    streets = {shape.facts["usrn"]: _street(shape) for shape in shapes["streets"]}
    return Ground(
        **{name: Layer.of(found) for name, found in shapes.items()},
        assets={name: Layer.of(found) for name, found in assets.items()},
        _by_name=_by_name([*streets.values(), *map(_park, shapes["parks"])]),
        _by_usrn=streets,
        _by_number={
            (name, numbered(shape.facts["number"])): _asset(name, shape, streets)
            for name, found in assets.items()
            for shape in found
        },
    )


def numbered(number: str) -> str:
    """A thing's number as it is compared: letters and digits alone, without zeros in front."""
    return re.sub(r"[^A-Z0-9]", "", number.upper()).lstrip("0")


def _neighbour(shape: Shape) -> Neighbour:
    return Neighbour(shape.facts["name"], shape.facts.get("url", ""), shape.facts.get("telephone", ""))


def _street(shape: Shape) -> Street:
    return Street(shape.facts["usrn"], shape.facts["name"], shape.facts.get("part", ""), shape.middle)


def _park(shape: Shape) -> Street:
    return Street("", shape.facts["name"], shape.facts.get("part", ""), shape.middle)


def _in_part(streets: Sequence[Street], text: str) -> Sequence[Street]:
    """Those in the part of the borough that the text names, or in its postcode's district; all where it names none."""
    exactly = [each for each in streets if each.part and f" {plain(each.part)} " in text]
    coded = [each for each in streets if re.search(r"\d", each.part)]
    return exactly or [each for each in coded if f" {plain(each.part).split()[0]} " in text] or streets


def _asset(layer: str, shape: Shape, streets: Mapping[str, Street]) -> Asset:
    usrn = shape.facts.get("usrn", "")
    street = streets.get(usrn)
    return Asset(layer, shape.facts["number"], street.name if street else "", usrn, shape.parts[0][0])


def _by_name(streets: Iterable[Street]) -> Mapping[str, Sequence[Street]]:
    """By folded name, ordered by part; two pieces of one street in sight of each other stand there once."""
    found: dict[str, list[Street]] = defaultdict(list)
    for street in sorted(streets, key=lambda each: (each.name, each.part, each.usrn)):
        same = found[folded(street.name)]
        if all(metres_between(street.point, other.point) > SAME_NAME_METRES for other in same):
            same.append(street)
    return found
