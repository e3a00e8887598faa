"""What must hold when tablets have reconciled: what they say they did, against the rows, in the plainest words."""

from collections import Counter
from collections.abc import Iterator
from typing import Any

#: What the simulator says of one schedule (tests/campaigns/simulator/schedule.mjs).
Report = dict[str, Any]
#: As the officer's board says it in English.
DIFFER = "Sheets differ"


def judge(report: Report, rows: list[Any]) -> list[str]:
    """Everything that is wrong with one schedule, in words; nothing when all held."""
    if report["problems"]:
        return list(report["problems"])
    checks = (_lost, _doubled, _last_word, _replicas, _board)
    return [wrong for check in checks for wrong in check(report, rows)]


def _lost(report: Report, rows: list[Any]) -> Iterator[str]:
    """Handed in and not there; named and not there; there and not handed in; changed on the way."""
    there = {str(row.id): row for row in rows}
    for number in sorted(set(report["handed"]) - set(report["takenBack"]) - set(there)):
        yield f"lost: sheet {number} was handed in on tablet {report['handed'][number]['tablet']} and is nowhere"
    for number in sorted(set(report["named"]) - set(there)):
        yield f"lost: sheet {number} was named by the centre, which does not have it"
    for number, row in there.items():
        handed = report["handed"].get(number)
        if handed is None:
            yield f"sheet {number} is at the centre, and nobody handed it in"
        elif _of_row(row) != _of_handed(handed):
            yield f"changed: sheet {number} says {_of_row(row)}, handed in was {_of_handed(handed)}"


def _of_row(row: Any) -> list[Any]:
    before = str(row.supersedes_id) if row.supersedes_id else None
    return [row.candidate_id, row.examiner_id, row.marks, row.rating, row.comment, before, row.reason]


def _of_handed(sheet: dict[str, Any]) -> list[Any]:
    return [sheet[n] for n in ("candidate", "examiner", "marks", "rating", "comment", "supersedes", "reason")]


def _chains(rows: list[Any]) -> dict[tuple[int, int], list[Any]]:
    found: dict[tuple[int, int], list[Any]] = {}
    for row in sorted(rows, key=lambda row: row.version):
        found.setdefault((row.candidate_id, row.examiner_id), []).append(row)
    return found


def _doubled(_report: Report, rows: list[Any]) -> Iterator[str]:
    """One examiner has one sheet that counts for a candidate; each later one follows the one before it."""
    for (candidate, examiner), chain in _chains(rows).items():
        found = [(row.version, row.supersedes_id) for row in chain]
        if found != list(enumerate([None, *(row.id for row in chain[:-1])], 1)):
            yield f"counted twice: examiner {examiner} has more than one sheet that stands for candidate {candidate}"


def _last_word(report: Report, rows: list[Any]) -> Iterator[str]:
    """What an examiner with one tablet handed in last is what stands."""
    chains = _chains(rows)
    tablets = {(one["examiner"], one["tablet"]) for one in report["replicas"]}
    alone = {examiner for examiner, number in Counter(who for who, _ in tablets).items() if number == 1}
    last = {
        (sheet["candidate"], sheet["examiner"]): number
        for number, sheet in report["handed"].items()
        if number not in report["takenBack"] and sheet["examiner"] in alone
    }
    for place, number in last.items():
        if place in chains and str(chains[place][-1].id) != number:
            yield f"sheet {number} was handed in last for {place}, and {chains[place][-1].id} stands"


def _replicas(report: Report, rows: list[Any]) -> Iterator[str]:
    """Every tablet shows in the end just what stands of its examiner."""
    chains = _chains(rows)
    for replica in report["replicas"]:
        for candidate, shown in replica["shows"].items():
            stands = chains.get((int(candidate), replica["examiner"]))
            expected = [str(stands[-1].id), stands[-1].version, stands[-1].marks] if stands else None
            if (shown and [shown["id"], shown["version"], shown["marks"]]) != expected:
                yield f"tablet {replica['tablet']} shows {shown} for candidate {candidate}; what stands is {expected}"


def differing(report: Report, rows: list[Any]) -> set[int]:
    """The candidates about whom examiners differ and nobody has settled just these sheets."""
    chains, found = _chains(rows), set()
    for candidate in {row.candidate_id for row in rows}:
        current = [chain[-1] for (whom, _), chain in chains.items() if whom == candidate]
        settled = {"candidate": candidate, "sheets": sorted(str(row.id) for row in current)}
        if any((row.marks, row.rating) != (current[0].marks, current[0].rating) for row in current):
            found |= set() if settled in report["settled"] else {candidate}
    return found


def _board(report: Report, rows: list[Any]) -> Iterator[str]:
    """The officer's board shows every conflict, and no other."""
    shown = {whom for whom, words in report["board"].items() if words == DIFFER}
    expected = {str(number) for number in differing(report, rows)}
    if shown != expected:
        yield f"the board shows conflicts about candidates {sorted(shown)}; there are {sorted(expected)}"
    if len(report["board"]) != report["candidates"]:
        yield f"the board has {len(report['board'])} candidates of {report['candidates']}"
