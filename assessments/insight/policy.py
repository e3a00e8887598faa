"""Who may look at figures, have them made anew, and see those of a handful of people."""

from lms.authz import ByRole, Permission, Role, declare


class Insight(Permission):
    """Permissions over figures."""

    READ = "insight:figures:read"
    REFRESH = "insight:figures:refresh"
    #: figures about fewer than five people, for whoever may read each of these people's records anyway
    READ_SMALL = "insight:small-groups:read"


_manager, _auditor = ByRole(Role.INSTITUTION_MANAGER), ByRole(Role.AUDITOR)
_officers = (ByRole(Role.EXAM_OFFICER), ByRole(Role.CERTIFICATE_OFFICER))

declare(
    {
        Insight.READ: [_manager, *_officers, _auditor],
        Insight.REFRESH: [_manager, *_officers],
        Insight.READ_SMALL: [_manager, _auditor],
    }
)
