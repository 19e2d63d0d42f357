"""How many permits there may be: of whom, of what address, of which zone. Pure."""

from collections.abc import Mapping
from uuid import UUID

from services.permits.rules.permits import Cap, Kind
from services.permits.settings import KindCaps


def caps_for(
    kind: Kind,
    caps: KindCaps,
    *,
    holder: UUID,
    is_business: bool,
    uprn: str | None,
    zone: str,
    of_zone: Mapping[str, int],
) -> tuple[Cap, ...]:
    """The caps that a permit counts against, in the order in which places are taken, so that nobody waits crosswise.

    `holder` is the account or the business. A visitor permit has no cap of its own beside one for each person.
    """
    person = "business" if is_business else "account"
    own = getattr(caps, kind, None)
    found = []
    if own is None:
        found.append(Cap(f"{person}:{holder}:{kind}", 1, "person"))
    elif own.person is not None:
        found.append(Cap(f"{person}:{holder}:{kind}", own.person, "person"))
    if own is not None and own.household is not None and uprn:
        found.append(Cap(f"household:{uprn}:{kind}", own.household, "household"))
    if kind in of_zone:
        found.append(Cap(f"zone:{zone}:{kind}", of_zone[kind], "zone"))
    return tuple(sorted(found, key=lambda cap: cap.scope))
