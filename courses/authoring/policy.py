"""Who may write courses, who may say that they are right, who may send files into them."""

from lms.authz import ByRelation, ByRole, Permission, Role, declare, itself


class Authoring(Permission):
    """Permissions over courses in the making; a draft is seen by course editors alone."""

    WRITE = "authoring:draft:write"
    REVIEW = "authoring:draft:review"
    PUBLISH = "authoring:draft:publish"
    SEND = "authoring:upload:send"
    SWEEP = "authoring:upload:sweep"


_EDITORS = [ByRole(Role.COURSE_EDITOR)]
declare(
    {
        Authoring.WRITE: _EDITORS,
        Authoring.REVIEW: _EDITORS,
        Authoring.PUBLISH: _EDITORS,
        Authoring.SEND: [ByRelation("the person who sends it", itself)],
        Authoring.SWEEP: [],
    }
)
