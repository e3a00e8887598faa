"""Who may read courses and curricula, and who may decide what is read and asked."""

from lms.authz import Anyone, ByRelation, ByRole, Permission, Role, declare, itself


class Courses(Permission):
    """Permissions over courses."""

    READ = "curricula:course:read"
    EDIT = "curricula:course:edit"


class Curricula(Permission):
    """Permissions over curricula, the rules by which they are given, and people's ways through them."""

    EDIT = "curricula:curriculum:edit"
    RULE = "curricula:rule:edit"
    ASSIGN = "curricula:curriculum:assign"
    OWN = "curricula:path:own"
    READ_PATH = "curricula:path:read"


declare(
    {
        Courses.READ: [Anyone(signed_in=True)],
        Courses.EDIT: [ByRole(Role.COURSE_EDITOR)],
        Curricula.EDIT: [ByRole(Role.COURSE_EDITOR)],
        Curricula.RULE: [ByRole(Role.COURSE_EDITOR)],
        Curricula.ASSIGN: [ByRole(Role.COURSE_EDITOR)],
        Curricula.OWN: [Anyone(signed_in=True)],
        Curricula.READ_PATH: [
            ByRelation("the person whose way it is", itself),
            ByRole(Role.INSTITUTION_MANAGER),
            ByRole(Role.CERTIFICATE_OFFICER),
            ByRole(Role.AUDITOR),
        ],
    }
)
