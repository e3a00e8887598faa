"""What others may want to hear of people."""

from dataclasses import dataclass


@dataclass(frozen=True)
class PeopleChanged:
    """These people are new, or their post, category or what is known of it has changed."""

    person_ids: list[int]
