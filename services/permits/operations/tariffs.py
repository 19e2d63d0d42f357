"""Keep the version of the prices by which something is sold."""

import uuid
from typing import Final
from uuid import UUID

from sqlalchemy import bindparam, select
from sqlalchemy.dialects.postgresql import insert

from portal.kit import clock, session
from services.permits.models import Tariff as TariffRow
from services.permits.queries.tariffs import FIRST_DAY
from services.permits.rules.tariff import Tariff
from services.permits.rules.tariff_data import tariff_data

_OF_DAY: Final = select(TariffRow.id, TariffRow.data).where(
    TariffRow.code == bindparam("of_code"), TariffRow.from_on == bindparam("of_day")
)
_KEEP: Final = insert(TariffRow).on_conflict_do_nothing()


def keep_tariff(tariff: Tariff) -> UUID:
    """The id under which this version is kept, from its first use on.

    Raises ValueError where a version of the same code and day was used and says something else: prices change by a new
    version, from a new day.
    """
    asked, data = {"of_code": tariff.code, "of_day": tariff.from_on or FIRST_DAY}, tariff_data(tariff)
    row = session().execute(_OF_DAY, asked).one_or_none()
    if row is None:
        kept = {
            "id": uuid.uuid4(),
            "code": tariff.code,
            "from_on": asked["of_day"],
            "data": data,
            "created_at": clock.now(),
        }
        session().execute(_KEEP, kept)
        row = session().execute(_OF_DAY, asked).one()
    if row.data != data:
        raise ValueError(f"the tariff {tariff.code} of {asked['of_day']} was changed after it had been used")
    found: UUID = row.id
    return found
