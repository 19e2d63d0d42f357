"""The versions of the contract of services."""

CONTRACT = "2.1"
"""The version of the contract that this portal keeps: major.minor."""
