"""What the council knows of parking: zones, prices, permits, visitor parking, businesses. Status of what was asked for
is the ledger's (`case_id`), money the payments room's (`line_id`).

The invariants are the database's: see the constraints. `exactly(text)` makes a range of one text, because PostgreSQL
can exclude overlaps of ranges without an extension, and `btree_gist`, which would exclude equal text, is not among
what the embedded server brings.
"""

from typing import Final

from sqlalchemy.orm import DeclarativeBase

from portal.kit import service_metadata

EXACTLY_CAR: Final = "permits.exactly(zone || ' ' || vrm)"


class Base(DeclarativeBase):
    """This service's tables."""

    metadata = service_metadata(__name__)
