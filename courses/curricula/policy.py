"""Who may read courses, and who may decide what is read."""

from lms.authz import Anyone, ByRole, Permission, Role, declare


class Courses(Permission):
    """Permissions over courses."""

    READ = "curricula:course:read"
    EDIT = "curricula:course:edit"


declare({Courses.READ: [Anyone(signed_in=True)], Courses.EDIT: [ByRole(Role.COURSE_EDITOR)]})
