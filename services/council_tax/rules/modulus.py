"""Whether a sort code and an account number can belong together: the modulus check of Pay.UK (formerly Vocalink).

By the specification "Validating account numbers: UK modulus checking", whose tables change a few times a year. They are
read from files in the form in which Pay.UK publishes them, `valacdos.txt` and `scsubtab.txt`; a sort code that no row
covers cannot be checked and passes. A number that passes may still be nobody's: only the bank can say that.

The fourteen digits of sort code and account number are named u v w x y z a b c d e f g h, as in the specification.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Final, Literal

Method = Literal["MOD10", "MOD11", "DBLAL"]
METHODS: Final[Mapping[str, Method]] = {"MOD10": "MOD10", "MOD11": "MOD11", "DBLAL": "DBLAL"}
DIGITS: Final = 14
A, B, C, G, H = 6, 7, 8, 12, 13
"""Where those digits of the account number stand among the fourteen."""

EITHER: Final = frozenset({(2, 9), (10, 11), (12, 13)})
"""Exceptions of two rows of which one is enough."""
INSTEAD_2: Final = (0, 0, 1, 2, 5, 3, 6, 4, 8, 7, 10, 9, 3, 1)
INSTEAD_2_G9: Final = (0, 0, 0, 0, 0, 0, 0, 0, 8, 7, 10, 9, 3, 1)
"""Exception 2: the weights when a is not 0, and those when g is 9 besides."""
SORT_CODE_8: Final = "090126"
SORT_CODE_9: Final = "309634"
"""Exceptions 8 and 9: the sort codes to reckon with instead."""
FOREIGN_6: Final = range(4, 9)
"""Exception 6: a from 4 to 8 with g and h alike is an account in a foreign currency, which cannot be checked."""


class BadTable(ValueError):
    """A table that is not in the published form. The text names the line."""


@dataclass(frozen=True, slots=True)
class Row:
    """One row of the table of weights: for sort codes from `first` to `last`."""

    first: str
    last: str
    method: Method
    weights: tuple[int, ...]
    exception: int = 0


@dataclass(frozen=True, slots=True)
class Tables:
    """The rows in their order, and for exception 5 the sort codes that stand for others."""

    rows: tuple[Row, ...] = ()
    instead: Mapping[str, str] = field(default_factory=dict)

    def rows_for(self, sort_code: str) -> Sequence[Row]:
        """At most two rows, in the order in which they are checked."""
        return [row for row in self.rows if row.first <= sort_code <= row.last][:2]


def read_tables(weights: Iterable[str], instead: Iterable[str] = ()) -> Tables:
    """The two files as Pay.UK publishes them; lines that are empty or begin with # are passed over. Raises BadTable."""
    rows = tuple(_row(number, parts) for number, parts in _lines(weights))
    pairs = {}
    for number, parts in _lines(instead):
        if len(parts) != 2 or not all(_is_sort_code(part) for part in parts):
            raise BadTable(f"line {number}: two sort codes were expected")
        pairs[parts[0]] = parts[1]
    return Tables(rows, pairs)


def fits(sort_code: str, account_number: str, tables: Tables) -> bool:
    """Whether six digits and eight digits can be an account. True where it cannot be known."""
    rows = tables.rows_for(sort_code)
    if not rows:
        return True
    digits = sort_code + account_number
    first = _passes(rows[0], digits, tables)
    if len(rows) == 1:
        return first
    if (rows[0].exception, rows[1].exception) in EITHER:
        return first or _passes(rows[1], digits, tables)
    return first and _passes(rows[1], digits, tables)


def _passes(row: Row, digits: str, tables: Tables) -> bool:
    """One row's check, with its exception."""
    n = [int(digit) for digit in digits]
    match row.exception:
        case 2 if n[A] != 0:
            row = replace(row, weights=INSTEAD_2 if n[G] != 9 else INSTEAD_2_G9)
        case 3 if n[C] in (6, 9):
            return True
        case 4:
            return _total(row, digits) % 11 == n[G] * 10 + n[H]
        case 5:
            return _passes_5(row, tables.instead.get(digits[:6], digits[:6]) + digits[6:])
        case 6 if n[A] in FOREIGN_6 and n[G] == n[H]:
            return True
        case 7 if n[G] == 9:
            row = _without_u_to_b(row)
        case 8:
            digits = SORT_CODE_8 + digits[6:]
        case 9:
            digits = SORT_CODE_9 + digits[6:]
        case 10 if digits[A:C] in ("09", "99") and n[G] == 9:
            row = _without_u_to_b(row)
        case 14:
            return _is_whole(row, digits) or _passes_14(row, digits)
        case _:
            pass
    return _is_whole(row, digits)


def _passes_5(row: Row, digits: str) -> bool:
    """The digits g and h are check digits themselves, of the first row and of the second."""
    if row.method == "DBLAL":
        return (10 - _total(row, digits) % 10) % 10 == int(digits[H])
    rest = _total(row, digits) % 11
    return rest != 1 and (11 - rest) % 11 == int(digits[G])


def _passes_14(row: Row, digits: str) -> bool:
    """A number that ends in 0, 1 or 9 may be one of seven digits with that one behind it."""
    return digits[H] in "019" and _is_whole(row, f"{digits[:A]}0{digits[A:H]}")


def _without_u_to_b(row: Row) -> Row:
    return replace(row, weights=(0,) * C + row.weights[C:])


def _is_whole(row: Row, digits: str) -> bool:
    return _total(row, digits) % (11 if row.method == "MOD11" else 10) == 0


def _total(row: Row, digits: str) -> int:
    """The products added up; for double alternate their own digits, and 27 more by exception 1."""
    products = [weight * int(digit) for weight, digit in zip(row.weights, digits, strict=True)]
    if row.method != "DBLAL":
        return sum(products)
    return sum(sum(divmod(product, 10)) for product in products) + (27 if row.exception == 1 else 0)


def _lines(lines: Iterable[str]) -> Iterable[tuple[int, list[str]]]:
    for number, line in enumerate(lines, start=1):
        parts = line.split()
        if parts and not parts[0].startswith("#"):
            yield number, parts


def _row(number: int, parts: list[str]) -> Row:
    try:
        first, last, method, *rest = parts
        weights = [int(part) for part in rest]
        if len(weights) not in (DIGITS, DIGITS + 1) or not _is_sort_code(first) or not _is_sort_code(last):
            raise ValueError
        return Row(first, last, METHODS[method], tuple(weights[:DIGITS]), *weights[DIGITS:])
    except (ValueError, KeyError):
        raise BadTable(f"line {number}: two sort codes, a method and 14 weights were expected") from None


def _is_sort_code(text: str) -> bool:
    return len(text) == 6 and text.isascii() and text.isdigit()
