"""How a database is made and how its server is set."""

from lms.postgres import folders

SUPERUSER = "postgres"
INITDB = (
    "--auth=scram-sha-256",
    "--encoding=UTF8",
    "--lc-collate=C",
    "--lc-ctype=C.UTF-8",
    "--lc-messages=C",
    "--data-checksums",
)
# Releases from 17 on order and compare without the machine's own locale tables.
INITDB_FROM_17 = ("--locale-provider=builtin", "--builtin-locale=C.UTF-8")
SETTINGS = {
    "listen_addresses": "",
    "port": str(folders.PORT),
    "unix_socket_permissions": "0700",
    "max_connections": "200",
    "shared_buffers": "256MB",
    "fsync": "on",
    "full_page_writes": "on",
    "synchronous_commit": "on",
    "jit": "off",
    # An archive that is away may hold back so much WAL, and no more: the disk must not fill.
    "max_slot_wal_keep_size": "8GB",
    "timezone": "UTC",
    # One file a weekday, begun anew each week: bounded without anybody looking after it.
    "logging_collector": "on",
    "log_filename": "postgres-%a.log",
    "log_truncate_on_rotation": "on",
    "log_rotation_age": "1d",
    "log_rotation_size": "0",
    "log_timezone": "UTC",
    "log_line_prefix": "%m [%p] %u@%d ",
    # A refused row must not leave somebody's number in a log.
    "log_min_error_statement": "panic",
    "log_error_verbosity": "terse",
}
