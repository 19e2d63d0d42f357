"""What residents read for fuels and sorts of vehicles."""

from collections.abc import Mapping
from typing import Final

from portal.kit import Lazy
from portal.kit import lazy_gettext as _
from services.permits.rules.vehicles import Fuel, Sort

FUELS: Final[Mapping[Fuel, Lazy]] = {
    Fuel.PETROL: _("Petrol"),
    Fuel.DIESEL: _("Diesel"),
    Fuel.HYBRID: _("Hybrid: petrol and electric"),
    Fuel.DIESEL_HYBRID: _("Hybrid: diesel and electric"),
    Fuel.ELECTRIC: _("Electric"),
    Fuel.HYDROGEN: _("Hydrogen"),
    Fuel.GAS: _("Gas (LPG or CNG)"),
    Fuel.OTHER: _("Something else"),
}
SORTS: Final[Mapping[Sort, Lazy]] = {
    Sort.CAR: _("Car"),
    Sort.MOTORCYCLE: _("Motorcycle or moped"),
    Sort.GOODS: _("Van or lorry"),
    Sort.BUS: _("Minibus or bus"),
    Sort.OTHER: _("Something else"),
}
