"""What may stand under what in the administrative tree."""

_RANK = {
    "city_commission": 0,
    "city_hospital": 1,
    "county_commission": 1,
    "county_hospital": 2,
    "township_hospital": 3,
    "community_centre": 3,
    "village_clinic": 4,
}


def may_stand_under(kind: str, parent_kind: str | None) -> bool:
    """An institution stands under one of a higher rank; only a city's commission may be a root."""
    if parent_kind is None:
        return _RANK[kind] == 0
    return _RANK[parent_kind] < _RANK[kind] and parent_kind != "city_hospital"


def lies_within(path: str, root: str) -> bool:
    """Whether a place in the tree is at or below another."""
    return path == root or path.startswith(root + ".")
