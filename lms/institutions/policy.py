"""Who may see and change the tree and the consortia."""

from lms.authz import ByRole, Permission, Role, declare


class Institutions(Permission):
    """What is done with institutions."""

    READ = "institutions:institution:read"
    MANAGE = "institutions:institution:manage"
    IMPORT = "institutions:divisions:import"


class Consortia(Permission):
    """What is done with consortia."""

    READ = "institutions:consortium:read"
    MANAGE = "institutions:consortium:manage"


_READERS = tuple(
    ByRole(role)
    for role in (
        Role.INSTITUTION_MANAGER,
        Role.EXAM_OFFICER,
        Role.CERTIFICATE_OFFICER,
        Role.SYSTEM_ADMINISTRATOR,
        Role.AUDITOR,
    )
)
_MANAGERS = (ByRole(Role.INSTITUTION_MANAGER), ByRole(Role.SYSTEM_ADMINISTRATOR))

declare(
    {
        Institutions.READ: _READERS,
        Institutions.MANAGE: _MANAGERS,
        Institutions.IMPORT: (ByRole(Role.SYSTEM_ADMINISTRATOR),),
        Consortia.READ: _READERS,
        Consortia.MANAGE: _MANAGERS,
    }
)
