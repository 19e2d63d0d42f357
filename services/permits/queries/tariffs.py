"""The council's prices: the versions in its folder, and those by which permits have been priced.

What was used is kept in the table, so that a price can be explained and a refund worked out years after its file was
taken away. A version that has been used is never changed: another file of the same first day is refused by the log.
"""

import functools

from collections.abc import Sequence
from datetime import date
from pathlib import Path
from typing import Final
from uuid import UUID

from sqlalchemy import bindparam, select

from portal.kit import NotFound, Unavailable, session, settings_of
from portal.kit import gettext as _
from services.permits.models import Tariff as TariffRow
from services.permits.rules.tariff import Tariff
from services.permits.rules.tariff import tariff_on as latest_begun
from services.permits.rules.tariff_data import load_tariff, tariff_from
from services.permits.settings import PermitSettings


FIRST_DAY: Final = date.min
"""Stands for the first day of a table whose first day is not known."""
_BY_ID = select(TariffRow.data).where(TariffRow.id == bindparam("tariff"))


def all_tariffs() -> Sequence[Tariff]:
    """All versions, the earliest first. Raises BadTariff, which names the file."""
    return _in_folder(settings_of(PermitSettings).tariffs)


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
    found = [load_tariff(path) for path in sorted(folder.glob("*.json"))]
    return sorted(found, key=lambda each: each.from_on or FIRST_DAY)
