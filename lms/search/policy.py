"""Who may search, and who may renew the index."""

from lms.authz import Anyone, Permission, declare


class Search(Permission):
    """Permissions over the index."""

    ASK = "search:document:ask"
    INDEX = "search:document:index"


declare({Search.ASK: [Anyone(signed_in=True)], Search.INDEX: []})
