"""What the portal does at night."""

from portal.registry import keeping


def let_go() -> None:
    """Erase what is over in every service, by what its manifest says of keeping."""
    keeping.let_go()
