"""Who may see stations with their checklists, who writes them and who says that they may be used."""

from lms.authz import ByRole, Permission, Role, declare


class Stations(Permission):
    """Permissions over stations and blueprints: shared by all institutions, secret to those who are examined."""

    READ = "stations:station:read"
    EDIT = "stations:station:edit"
    APPROVE = "stations:station:approve"


_writers = [ByRole(Role.COURSE_EDITOR), ByRole(Role.EXAM_OFFICER)]

declare(
    {
        Stations.READ: [*_writers, ByRole(Role.AUDITOR)],
        Stations.EDIT: _writers,
        Stations.APPROVE: _writers,
    }
)
