"""Who may load content: whoever has the command line; there is no page for it."""

from lms.authz import Permission, declare


class Content(Permission):
    """Permissions over content packs."""

    LOAD = "content:pack:load"


declare({Content.LOAD: []})
