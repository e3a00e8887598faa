"""Who may read what was done."""

from lms.authz import ByRole, Permission, Role, declare


class Audit(Permission):
    """Rights over the audit log; nobody may change it."""

    READ = "audit:event:read"
    EXPORT = "audit:event:export"


declare({Audit.READ: [ByRole(Role.AUDITOR)], Audit.EXPORT: [ByRole(Role.AUDITOR)]})
