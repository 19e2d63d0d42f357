"""Keep the version of the prices by which something is sold."""

import logging
import uuid
from typing import Final
from uuid import UUID

from sqlalchemy import bindparam, select
from sqlalchemy.dialects.postgresql import insert

from portal.kit import Unavailable, clock, session
from portal.kit import gettext as _
from services.permits.models.zones import Tariff as TariffRow
from services.permits.queries.tariffs import FIRST_DAY
from services.permits.rules.tariff import Tariff
from services.permits.rules.tariff_data import tariff_data

log = logging.getLogger(__name__)

_OF_DAY: Final = select(TariffRow.id, TariffRow.data).where(
    TariffRow.code == bindparam("of_code"), TariffRow.from_on == bindparam("of_day")
)
_KEEP: Final = insert(TariffRow).on_conflict_do_nothing()


def keep_tariff(tariff: Tariff) -> UUID:
    """The id under which this version is kept, from its first use on.

    Raises Unavailable where a version of the same code and day was used and said something else: prices change by a
    new version, from a new day, and nobody is sold anything by what may be a slip.
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
        log.error("The prices %s of %s were changed after they had been used", tariff.code, asked["of_day"])
        raise Unavailable(_("We cannot work out prices at the moment. Try again later."))
    found: UUID = row.id
    return found
