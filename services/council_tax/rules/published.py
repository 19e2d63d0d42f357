"""Tables of charges as councils publish them: one file, one line for each year and part, with its source.

Columns: authority, year (`2024-25`), component (`total`, or a part), A to H in pounds, source. An empty cell was not
published or not seen. Lines that begin with # are remarks.
"""

import csv
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from pathlib import Path
from typing import Final

from services.council_tax.rules.charges import BANDS, BadTable, Band, Charges, Part, checked

DATA: Final = Path(__file__).parents[1] / "data"
TOTAL: Final = "total"


@dataclass(frozen=True, slots=True)
class Table:
    """One authority's charges of one year. `components` are all the lines, parts that are incomplete among them."""

    authority: str
    charges: Charges
    components: Mapping[str, Mapping[Band, int]]
    source: str


def load(path: Path) -> tuple[Table, ...]:
    """The tables of a file, in its order. Raises BadTable, which names the line or year that cannot be right."""
    return read(path.read_text(encoding="utf-8").splitlines())


def read(lines: Iterable[str]) -> tuple[Table, ...]:
    """The tables in the lines of a file (see `load`)."""
    rows = csv.DictReader(line for line in lines if line.strip() and not line.startswith("#"))
    found: dict[tuple[str, int], dict[str, dict[Band, int]]] = {}
    sources: dict[tuple[str, int], str] = {}
    for row in rows:
        try:
            key = row["authority"], int(row["year"][:4])
            component, amounts = row["component"], {band: _pence(row[band]) for band in BANDS if row[band]}
            source = row["source"]
        except (KeyError, TypeError, ValueError, InvalidOperation) as error:
            raise BadTable(f"line {rows.line_num} is no line of charges") from error
        if component in found.setdefault(key, {}):
            raise BadTable(f"{key[0]} {key[1]}: {component} is there twice")
        found[key][component] = amounts
        if component == TOTAL:
            sources[key] = source
    return tuple(_table(*key, components, sources) for key, components in found.items())


def _table(
    authority: str, year: int, components: dict[str, dict[Band, int]], sources: Mapping[tuple[str, int], str]
) -> Table:
    if TOTAL not in components:
        raise BadTable(f"{authority} {year}: the total is missing")
    total = components[TOTAL]
    parts = tuple(Part(code, amounts) for code, amounts in components.items() if code != TOTAL)
    whole = bool(parts) and all(part.by_band.keys() == total.keys() for part in parts)
    charges = checked(Charges(year, total, parts if whole else ()))
    return Table(authority, charges, components, sources[authority, year])


def _pence(pounds: str) -> int:
    """Exact pence. Raises ValueError for a fraction of a penny or less than nothing."""
    pence = Decimal(pounds) * 100
    if pence != pence.to_integral_value() or pence < 0:
        raise ValueError(pounds)
    return int(pence)
