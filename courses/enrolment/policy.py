"""Who may learn, who may give others a course to learn, who may see how far they are."""

from lms.authz import Anyone, ByRelation, ByRole, Permission, Role, declare, itself


class Enrolments(Permission):
    """Permissions over enrolments."""

    JOIN = "enrolment:enrolment:join"
    LEARN = "enrolment:enrolment:learn"
    ASSIGN = "enrolment:enrolment:assign"
    BRING_IN = "enrolment:history:bring-in"


declare(
    {
        Enrolments.JOIN: [Anyone(signed_in=True)],
        Enrolments.LEARN: [ByRelation("the person enrolled", itself)],
        Enrolments.ASSIGN: [ByRole(Role.INSTITUTION_MANAGER), ByRole(Role.COURSE_EDITOR)],
        Enrolments.BRING_IN: [ByRole(Role.INSTITUTION_MANAGER)],
    }
)
