"""UK postcodes as people type them."""

import re
import unicodedata

# Outward code (area, district), inward code (sector, unit). The unit never has C, I, K, M, O or V.
_SHAPE = re.compile(r"(GIR|[A-Z]{1,2}[0-9][0-9A-Z]?)([0-9])([ABD-HJLNP-UW-Z]{2})")
_LONGEST_TYPED = 20
_DIGIT_MEANT = str.maketrans("OIL", "011")


def find_postcode(text: str) -> str | None:
    """The postcode as it is printed (`W6 9JU`), or None. Forgives case, spaces, hyphens and O for 0."""
    if len(text) > _LONGEST_TYPED:
        return None
    kept = "".join(c for c in unicodedata.normalize("NFKC", text).upper() if not c.isspace() and c not in "-.,_")
    if len(kept) < 5:
        return None
    # The third character from the end is always a digit.
    kept = kept[:-3] + kept[-3].translate(_DIGIT_MEANT) + kept[-2:]
    found = _SHAPE.fullmatch(kept)
    return f"{found[1]} {found[2]}{found[3]}" if found else None
