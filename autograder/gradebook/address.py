"""The address of a gradebook: a URL as SQLAlchemy takes it."""

from __future__ import annotations

DRIVER = "postgresql+psycopg://"  # psycopg 3, which is the one that is installed
SHORT = ("postgresql://", "postgres://")


def with_driver(address: str) -> str:
    """The same address, with the driver that there is where it names PostgreSQL and none."""
    for start in SHORT:
        if address.startswith(start):
            return DRIVER + address.removeprefix(start)
    return address


def without_password(address: str) -> str:
    """The address as it may be shown."""
    from sqlalchemy.engine import make_url
    from sqlalchemy.exc import ArgumentError

    try:
        return make_url(address).render_as_string(hide_password=True)
    except ArgumentError:
        return address
