"""Who may see questions, and who may see their answers."""

from lms.authz import ByRole, Permission, Role, declare


class Bank(Permission):
    """Permissions over the question bank."""

    READ = "bank:question:read"
    READ_KEY = "bank:question:read-key"


declare(
    {
        Bank.READ: [ByRole(Role.COURSE_EDITOR), ByRole(Role.EXAM_OFFICER), ByRole(Role.AUDITOR)],
        Bank.READ_KEY: [ByRole(Role.COURSE_EDITOR), ByRole(Role.EXAM_OFFICER)],
    }
)
