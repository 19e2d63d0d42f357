"""The council's prices: the versions in its folder, and those by which permits have been priced.

What was used is kept in the table, so that a price can be explained and a refund worked out years after its file was
taken away. A version that has been used is never changed: nothing is sold by a file that has been.
"""

import functools
import logging
from collections.abc import Sequence
from datetime import date
from pathlib import Path
from typing import Final
from uuid import UUID

from sqlalchemy import bindparam, select

from portal.kit import NotFound, Unavailable, session, settings_of
from portal.kit import gettext as _
from services.permits.models.zones import Tariff as TariffRow
from services.permits.rules.tariff import Tariff
from services.permits.rules.tariff import tariff_on as latest_begun
from services.permits.rules.tariff_data import BadTariff, load_tariffs, tariff_data, tariff_from
from services.permits.settings import PermitSettings

log = logging.getLogger(__name__)

FIRST_DAY: Final = date.min
"""Stands for the first day of a table whose first day is not known."""
_USED = select(TariffRow.data).where(TariffRow.code == bindparam("code"), TariffRow.from_on == bindparam("day"))
_BY_ID = select(TariffRow.data).where(TariffRow.id == bindparam("tariff"))


def all_tariffs() -> Sequence[Tariff]:
    """All versions, the earliest first. Raises Unavailable while the council's files cannot be right: the log says why,
    and so does `moothall check`."""
    try:
        return _in_folder(settings_of(PermitSettings).tariffs)
    except BadTariff as fault:
        log.error("The prices of permits cannot be read: %s", fault)
        raise Unavailable(_("We cannot work out prices at the moment. Try again later.")) from fault


def find_changed() -> Tariff | None:
    """The first version in the folder that said something else when it was used. Raises BadTariff."""
    for each in load_tariffs(settings_of(PermitSettings).tariffs):
        used = session().execute(_USED, {"code": each.code, "day": each.from_on or FIRST_DAY}).scalar_one_or_none()
        if used is not None and used != tariff_data(each):
            return each
    return None


def tariff_on(day: date) -> Tariff:
    """The prices in force on a day. Raises Unavailable where there are none."""
    found = latest_begun(all_tariffs(), day)
    if found is None:
        raise Unavailable(_("There are no prices for that day yet."))
    return found


def get_used_tariff(tariff_id: UUID) -> Tariff:
    """The version by which a permit was priced. Raises NotFound."""
    data = session().execute(_BY_ID, {"tariff": tariff_id}).scalar_one_or_none()
    if data is None:
        raise NotFound
    return tariff_from(data)


@functools.lru_cache(maxsize=8)
def _in_folder(folder: Path) -> Sequence[Tariff]:
    """Read once: files are part of an installation, and a new one comes with a restart."""
    return load_tariffs(folder)
