"""The arithmetic of codes, and which roles must have them."""

from datetime import datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from lms import clock
from lms.authz import POLICY, Actor, Grant, Open, Role
from lms.people.models import Person
from lms.people.policy import People
from lms.people.rules import codes


@given(st.text(max_size=30), st.integers(0, 2**40))
def test_only_the_code_near_now_and_never_used_matches(typed: str, after: int) -> None:
    secret, now = "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP", datetime.fromtimestamp(1_800_000_000, tz=clock.now().tzinfo)
    step = codes.matching_step(secret, codes.plain(typed), now, after=after)
    near = {codes.code(secret, now + timedelta(seconds=30 * n)): 60_000_000 + n for n in (-1, 0, 1)}
    expected = near.get(codes.plain(typed))
    assert step == (expected if expected is not None and expected > after else None)


def test_the_codes_are_those_of_the_standard() -> None:
    """RFC 6238, appendix B (SHA-1, last six digits)."""
    secret = "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ"
    for seconds, expected in [(59, "287082"), (1111111109, "081804"), (1234567890, "005924"), (2000000000, "279037")]:
        assert codes.code(secret, datetime.fromtimestamp(seconds, tz=clock.now().tzinfo)) == expected


def test_every_deciding_role_is_among_them() -> None:
    from lms.people.rules.sessions import deciding

    assert {role for role in Role if deciding({role})} == set(Role) - {Role.DOCTOR, Role.MENTOR, Role.COURSE_EDITOR}


def test_who_has_not_finished_may_do_nothing_else_by_whatever_verb() -> None:
    """Not even to what is their own, and not with the roles they hold."""
    own = Person(id=7)
    roles = tuple(Grant(role, "1") for role in Role)
    halfway = Actor(7, roles, only=frozenset({People.ENROL}))
    assert {one for one in POLICY if halfway.may(one, own)} == {People.ENROL, Open.EVERYONE}
    assert not halfway.signed_in
