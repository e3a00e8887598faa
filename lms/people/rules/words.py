"""What roles are called."""

from lms.authz import Role
from lms.i18n import _l

_ROLES = {
    Role.DOCTOR: _l("Doctor"),
    Role.MENTOR: _l("Mentor and examiner"),
    Role.COURSE_EDITOR: _l("Course editor"),
    Role.EXAM_OFFICER: _l("Exam officer"),
    Role.CERTIFICATE_OFFICER: _l("Certificate officer"),
    Role.INSTITUTION_MANAGER: _l("Institution manager"),
    Role.SYSTEM_ADMINISTRATOR: _l("System administrator"),
    Role.AUDITOR: _l("Auditor"),
}


def role_name(role: Role | str) -> str:
    """A role in the reader's language."""
    return str(_ROLES[Role(role)])
