"""Draw the demo's borough: GeoJSON of an invented council on the postcodes of west London.

    .venv/bin/python docker/map/draw.py

The postcodes are real (OS Code-Point Open). Everything that is drawn over them is invented: streets lie where the
demo's gazetteer puts them, near the postcodes that share a street, on a net of lanes that bends as an old town's does.
The same postcodes give the same files, byte for byte. A council puts its own files in place of these: see
services/reporting/README.md.
"""

import json
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from hashlib import sha256
from itertools import pairwise
from math import cos, pi, sin
from pathlib import Path
from typing import Any

from plane import METRES_EAST, METRES_NORTH, MIDDLE, Spot, degrees, far, feature, mean, polygon, within

from portal.gazetteer.demo import DATA, NAMES, DemoGazetteer

FOLDER = Path("services/reporting/data/map")
MADE_OF = (
    "Invented, for demonstration. Drawn by docker/map/draw.py over the postcodes of OS Code-Point Open. Contains OS"
    " data (c) Crown copyright and database right; contains Royal Mail data (c) Royal Mail copyright and database"
    " right. Open Government Licence v3.0."
)
BANDS, MARGIN = 16, 260.0
COLUMN_EVERY, BIN_EVERY, DRAIN_EVERY, TREE_EVERY = 75.0, 300.0, 150.0, 125.0

MESH, REACH = 112.0, 60

Node = tuple[int, int]
"""A corner of the net of streets."""
WAYS: tuple[Node, Node] = ((1, 0), (0, 1))


@dataclass(frozen=True)
class Street:
    """A line with a name, and the first half of the postcodes along it."""

    name: str
    part: str
    line: tuple[Spot, ...]


def main() -> None:
    """Write every file."""
    along = _postcodes()
    boundary = _boundary([spot for spots in along.values() for spot in spots])
    streets = _streets(along, _mesh(boundary))
    numbered = sorted(streets, key=lambda each: (each.name, each.part, each.line))
    write("boundary", [polygon({"name": "Marlowe Borough Council"}, boundary)])
    write("wards", _wards(boundary))
    write("neighbours", _neighbours())
    write("streets", [_drawn(usrn, street) for usrn, street in enumerate(numbered, 99_000_001)])
    write("parks", _parks(streets, boundary))
    write("assets/lamp_columns", _along(numbered, COLUMN_EVERY, 20_001))
    write("assets/litter_bins", _along(numbered, BIN_EVERY, 70_001))
    write("assets/drains", _along(numbered, DRAIN_EVERY, 40_001, beside=3.0))
    write("assets/trees", _along(numbered, TREE_EVERY, 50_001, beside=7.0))
    write("assets/traffic_signals", _signals(numbered))


# What is known: which postcodes lie along which street


def _postcodes() -> dict[tuple[str, str], list[Spot]]:
    """The postcodes of each street, by its name and what its postcodes have in common."""
    gazetteer = DemoGazetteer()
    along = defaultdict(list)
    for row in DATA.read_text(encoding="utf-8").splitlines():
        postcode, *_rest = row.split(",")
        if not _rest or postcode in ("", "postcode") or row.startswith("#"):
            continue
        lat, lon = float(_rest[2]), float(_rest[3])
        if lon < -0.26:  # one large user's postcode, far from all others
            continue
        spot = (lon - MIDDLE[1]) * METRES_EAST, (lat - MIDDLE[0]) * METRES_NORTH
        along[gazetteer.by_postcode(postcode)[0].street, postcode[:-1]].append(spot)
    return along


def _mesh(boundary: Sequence[Spot]) -> dict[Node, Spot]:
    """The corners of an invented town: a net of lanes that bends and is nowhere quite straight."""
    found = {}
    for i in range(-REACH, REACH):
        for j in range(-REACH, REACH):
            draw = int.from_bytes(sha256(f"{i} {j}".encode()).digest()[:4])
            x = i * MESH + 130 * sin(j * 0.16 + 1) + 60 * sin(i * 0.45) + (draw % 50 - 25)
            y = j * MESH + 150 * sin(i * 0.13) + 55 * sin(j * 0.4 + 2) + (draw // 50 % 50 - 25)
            spot = x * cos(0.2) - y * sin(0.2), x * sin(0.2) + y * cos(0.2)
            if within(spot, boundary):
                found[i, j] = spot
    return found


def _streets(along: dict[tuple[str, str], list[Spot]], mesh: dict[Node, Spot]) -> list[Street]:
    """Each street takes the free stretch of the net that is nearest to its postcodes; main roads take theirs first."""
    main = [(node, way) for node in mesh for way in WAYS if _is_main(node, way)]
    free = [
        (node, middle, beyond)
        for node in mesh
        for way in WAYS
        if (middle := _step(node, way)) in mesh
        and (beyond := _step(middle, way)) in mesh
        and node[way.index(1)] % 2 == 0
        and not _is_main(node, way)
    ]
    taken, streets = set(), _main_roads(mesh, main)
    for (name, group), spots in sorted(along.items()):
        home = mean(spots)
        nearest = min((line for line in free if line not in taken), key=lambda line: far(mesh[line[1]], home))
        if far(mesh[nearest[1]], home) < 600:
            taken.add(nearest)
            streets.append(Street(name, group[:-1].strip(), tuple(mesh[node] for node in nearest)))
    return streets


def _is_main(node: Node, way: Node) -> bool:
    """Whether the line of the net that leaves this corner in this way is a main road: every sixth is."""
    return node[way.index(0)] % 6 == 0


def _step(node: Node, way: Node) -> Node:
    return node[0] + way[0], node[1] + way[1]


def _main_roads(mesh: dict[Node, Spot], starts: Sequence[tuple[Node, Node]]) -> list[Street]:
    """The main roads, each from one edge of the borough to the other, or as far as it goes."""
    roads: list[Street] = []
    for node, way in starts:
        if (node[0] - way[0], node[1] - way[1]) in mesh:
            continue
        line = [node]
        while (following := _step(line[-1], way)) in mesh:
            line.append(following)
        if len(line) > 4:
            kind = ("Way", "Hill", "Broadway", "Parade", "Approach")[len(roads) % 5]
            name = f"{NAMES[(len(roads) * 13) % len(NAMES)]} {kind}"
            roads.append(Street(name, "", tuple(mesh[each] for each in line)))
    return roads


# What follows: the boundary, wards, parks, things along the streets


def _boundary(spots: Sequence[Spot]) -> list[Spot]:
    """Down the eastern edge and up the western one, with a margin, so that a street on the edge is inside."""
    south, north = min(y for _, y in spots), max(y for _, y in spots)
    height = (north - south) / BANDS
    east, west = [], []
    for band in range(BANDS + 1):
        at = south + band * height
        near = [x for x, y in spots if abs(y - at) <= height]
        level = at + (MARGIN if band == BANDS else -MARGIN if band == 0 else 0)
        east.append((max(near) + MARGIN, level))
        west.append((min(near) - MARGIN, level))
    return [*reversed(east), *west]


def _wards(boundary: Sequence[Spot]) -> list[dict[str, Any]]:
    """Six wards: three bands from south to north, each cut in two."""
    cuts = ((-1450.0, 0.08), (280.0, -0.05))  # height at the middle, slope
    sides = ((900.0, "Riverside", "Wharfside"), (150.0, "Old Common", "Brickfield"), (-350.0, "Northfields", "Kestrel"))
    found = []
    for band, (split, left, right) in enumerate(sides):
        area = list(boundary)
        if band > 0:
            area = _cut(area, 0, 1, *cuts[band - 1], keep_above=True)
        if band < 2:
            area = _cut(area, 0, 1, *cuts[band], keep_above=False)
        for name, above in ((left, False), (right, True)):
            half = _cut(area, 1, 0, split, 0.12, keep_above=above)
            found.append(polygon({"code": name.lower().replace(" ", "_"), "name": name}, half))
    return found


def _cut(area: Sequence[Spot], along: int, across: int, height: float, slope: float, *, keep_above: bool) -> list[Spot]:
    """What of an area lies on one side of a line."""

    def over(spot: Spot) -> float:
        return (spot[across] - height - slope * spot[along]) * (1 if keep_above else -1)

    kept: list[Spot] = []
    for a, b in zip(area, [*area[1:], area[0]], strict=True):
        if over(a) >= 0:
            kept.append(a)
        if (over(a) >= 0) != (over(b) >= 0):
            share = over(a) / (over(a) - over(b))
            kept.append((a[0] + share * (b[0] - a[0]), a[1] + share * (b[1] - a[1])))
    return kept


def _neighbours() -> list[dict[str, Any]]:
    """Who is responsible around: invented councils, each a wedge as far as 12 km; we are looked for before them."""
    far = 12_000.0
    corners = [(-far, -far), (far, -far), (far, far), (-far, far)]
    names = ("Southmere Council", "Eastholm Borough Council", "Northgate Borough Council", "Westering Council")
    found = []
    for at, name in enumerate(names):
        address = f"https://www.{name.split()[0].lower()}.example"
        facts = {"name": name, "url": address, "telephone": f"020 7946 02{at}0"}
        found.append(polygon(facts, [(0.0, 0.0), corners[at], corners[(at + 1) % 4]]))
    return found


def _parks(streets: Sequence[Street], boundary: Sequence[Spot]) -> list[dict[str, Any]]:
    """The widest gaps between the streets, as rounded greens."""
    spots = [spot for street in streets for spot in street.line]
    spots += [mean(pair) for street in streets for pair in pairwise(street.line)]
    gaps = sorted(
        (
            (min(far((x, y), spot) for spot in spots), x, y)
            for x in range(-3000, 3000, 60)
            for y in range(-3400, 3400, 60)
            if within((float(x), float(y)), boundary)
        ),
        reverse=True,
    )
    chosen: list[tuple[float, int, int]] = []
    for gap in gaps:
        if gap[0] > 120 and all(far(gap[1:], each[1:]) > gap[0] + each[0] for each in chosen) and len(chosen) < 40:
            chosen.append(gap)
    parks = []
    for at, (reach, x, y) in enumerate(chosen):
        ring = [_round_about((x, y), reach * (0.82 + 0.1 * sin(at + step * pi / 6)), step) for step in range(24)]
        if not all(within(spot, boundary) for spot in ring):
            continue
        name = f"{NAMES[(at * 11 + 5) % len(NAMES)]} {('Park', 'Common', 'Green')[at % 3]}"
        parks.append(polygon({"name": name}, ring))
    return parks


def _round_about(spot: Spot, reach: float, step: int) -> Spot:
    return spot[0] + reach * cos(step * pi / 12), spot[1] + reach * sin(step * pi / 12)


def _along(streets: Sequence[Street], every: float, first: int, beside: float = 5.0) -> list[dict[str, Any]]:
    """Things that stand so many metres beside the streets, by turns on either side, numbered without gaps."""
    found: list[dict[str, Any]] = []
    for usrn, street in enumerate(streets, 99_000_001):
        since, side = every / 2, 1
        for a, b in pairwise(street.line):
            length = far(a, b)
            while since < length:
                share = since / length
                x = a[0] + share * (b[0] - a[0]) - side * beside * (b[1] - a[1]) / length
                y = a[1] + share * (b[1] - a[1]) + side * beside * (b[0] - a[0]) / length
                facts = {"number": str(first + len(found)), "usrn": str(usrn)}
                found.append(feature(facts, {"type": "Point", "coordinates": degrees((x, y))}))
                since, side = since + every, -side
            since -= length
    return found


def _signals(streets: Sequence[Street]) -> list[dict[str, Any]]:
    """Traffic signals where two main roads cross: one on each of them, at corners across from each other."""
    roads = [(usrn, street) for usrn, street in enumerate(streets, 99_000_001) if not street.part]
    meeting: dict[Spot, list[int]] = defaultdict(list)
    for usrn, road in roads:
        for spot in road.line:
            meeting[spot].append(usrn)
    found: list[dict[str, Any]] = []
    for (x, y), crossing in sorted(meeting.items()):
        for usrn, corner in zip(crossing if len(crossing) == 2 else (), (-6, 6), strict=False):
            facts = {"number": str(801 + len(found)), "usrn": str(usrn)}
            found.append(feature(facts, {"type": "Point", "coordinates": degrees((x + corner, y + corner))}))
    return found


def _drawn(usrn: int, street: Street) -> dict[str, Any]:
    facts = {"name": street.name, "part": street.part, "usrn": str(usrn)}
    facts |= {"main": "yes"} if not street.part else {}
    return feature(facts, {"type": "LineString", "coordinates": [degrees(spot) for spot in street.line]})


def write(name: str, features: Iterable[dict[str, Any]]) -> None:
    """One feature a line, so that a change shows as one."""
    lines = ",\n".join(json.dumps(each, separators=(",", ":"), ensure_ascii=False) for each in features)
    text = f'{{"type":"FeatureCollection","description":"{MADE_OF}","features":[\n{lines}\n]}}\n'
    (FOLDER / f"{name}.geojson").write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main()
