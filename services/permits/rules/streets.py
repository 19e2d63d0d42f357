"""How a street is named in the table of zones. Pure."""


def street_key(street: str, postcode: str) -> str:
    """`larkspur lane|w6`: the name with the outward part of the postcode, for one name is given to many streets."""
    outward = postcode.partition(" ")[0]
    return f"{' '.join(street.split())}|{outward}".casefold()
