"""Who practises. What somebody answered in a self-test is their own: no role and no mentor reads it."""

from lms.authz import ByRelation, ByRole, Permission, Role, declare, itself


class SelfTests(Permission):
    """Permissions over self-tests."""

    PRACTISE = "selftest:test:practise"
    OWN = "selftest:test:own"


declare(
    {
        SelfTests.PRACTISE: [ByRole(Role.DOCTOR)],
        SelfTests.OWN: [ByRelation("the doctor of this self-test", itself)],
    }
)
