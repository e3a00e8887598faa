"""Who may see questions, who may see their answers, who writes them and who says that they are right."""

from lms.authz import ByRole, Permission, Role, declare


class Bank(Permission):
    """Permissions over the question bank."""

    READ = "bank:question:read"
    READ_KEY = "bank:question:read-key"
    EDIT = "bank:question:edit"
    REVIEW = "bank:question:review"


declare(
    {
        Bank.READ: [ByRole(Role.COURSE_EDITOR), ByRole(Role.EXAM_OFFICER), ByRole(Role.AUDITOR)],
        Bank.READ_KEY: [ByRole(Role.COURSE_EDITOR), ByRole(Role.EXAM_OFFICER)],
        Bank.EDIT: [ByRole(Role.COURSE_EDITOR)],
        Bank.REVIEW: [ByRole(Role.COURSE_EDITOR), ByRole(Role.EXAM_OFFICER)],
    }
)
