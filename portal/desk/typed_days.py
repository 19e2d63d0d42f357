"""Days as addresses of the desk name them."""

from datetime import date


def day_in(typed: str) -> date | None:
    """The day, as people here may mean it; None for what is none."""
    try:
        found = date.fromisoformat(typed)
    except ValueError:
        return None
    return found if date(1800, 1, 1) <= found < date(2200, 1, 1) else None
