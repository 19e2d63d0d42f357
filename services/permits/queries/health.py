"""Whether prices can be read and DVLA can be asked, for `moothall check` and the fault panel."""

from portal.kit import Health, clock, settings_of
from services.permits.queries import dvla_health
from services.permits.queries.tariffs import find_changed
from services.permits.rules.tariff import tariff_on
from services.permits.rules.tariff_data import BadTariff, load_tariffs
from services.permits.settings import PermitSettings


def check() -> Health:
    """The first fault of prices, then of DVLA."""
    prices = check_prices()
    return prices if not prices.ok else dvla_health.check()


def check_prices() -> Health:
    """Whether the council's files of prices are there and right, and say what they said when they were used."""
    try:
        found = load_tariffs(settings_of(PermitSettings).tariffs)
        changed = find_changed()
    except BadTariff as fault:
        return Health(ok=False, sentence=f"The prices cannot be read: {fault}. See TARIFFS.")
    if tariff_on(found, clock.today()) is None:
        return Health(ok=False, sentence="No prices are in force today. See TARIFFS.")
    if changed is not None:
        sentence = f"The prices of {changed.from_on} were changed after use: put them back, and add a new file."
        return Health(ok=False, sentence=sentence)
    return Health(ok=True)
