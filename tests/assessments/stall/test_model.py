"""The model learns, is tried on what it has not seen, and is read back only as it was written."""

import io
import json
import zipfile
from collections.abc import Callable
from dataclasses import replace
from functools import cache
from typing import Any

import numpy as np
import pytest
import skops.io
from hypothesis import given
from hypothesis import strategies as st
from sklearn.metrics import average_precision_score, roc_auc_score

from assessments.stall import model
from assessments.stall.model import storing
from assessments.stall.rules import FEATURES, Attempt, Design, History, Parameters, design, tidy
from assessments.stall.rules.measures import Ranking, calibration, expected_error
from assessments.stall.rules.periods import TooShort, periods, teaching, unseen
from tests.assessments.stall.learners import learners

P = Parameters()
KEY = b"k" * 32


@cache
def history() -> History:
    return tidy(learners())[0]


@cache
def rows() -> Design:
    return design(history(), teaching(history(), P), P)


@cache
def fitted() -> model.Fitted:
    return model.fit(rows(), history().learner[rows().pair], P)


@cache
def trial() -> model.Trial:
    return model.try_out(history(), P, resamples=100)


def test_it_beats_both_plain_rules_on_learners_and_times_it_has_not_seen() -> None:
    ways = trial().ways
    for plain in ("days_since_last", "slope_of_last_three"):
        assert ways["model"].average_precision.value > ways[plain].average_precision.value
        assert ways["model"].auc.value > ways[plain].auc.value
    assert trial().ahead.low > 0


def test_two_trials_agree() -> None:
    assert model.try_out(history(), P, resamples=100) == trial()


def test_the_trial_keeps_learners_and_times_apart() -> None:
    when, kept = periods(history(), P), unseen(history())
    assert max(when.taught) + P.horizon_days <= min(when.tried)
    assert max(when.tried) + P.horizon_days <= history().span[1]
    taught = {history().learner[pair] for pair in np.flatnonzero(~kept)}
    assert taught.isdisjoint(history().learner[pair] for pair in np.flatnonzero(kept))


def test_more_learners_move_nobody_between_the_sides() -> None:
    more, _ = tidy([*learners(), Attempt("somebody new", "bp", 1.0, 50.0)])
    before = dict(zip([history().key(p) for p in range(history().pairs)], unseen(history()), strict=True))
    after = dict(zip([more.key(p) for p in range(more.pairs)], unseen(more), strict=True))
    assert all(after[key] == side for key, side in before.items())


def test_what_it_says_is_what_is_seen() -> None:
    """Of the same days, on learners it has not seen: the drift of a whole cohort is not the curve's fault."""
    late = rows().where(rows().cutoff >= np.quantile(rows().cutoff, 0.6))
    kept = unseen(history())[late.pair]
    learned = model.fit(late.where(~kept), history().learner[late.where(~kept).pair], P)
    tried = late.where(kept & np.isfinite(late.label))
    assert expected_error(calibration(learned.probability(tried.values), tried.label)) < 0.08


def test_every_tried_case_stands_in_the_table() -> None:
    assert sum(one.rows for one in trial().ways["model"].calibration) == trial().tried_rows


def test_probability_follows_the_sum_of_its_parts() -> None:
    """The explanation is the model: parts and probability put rows into the same order."""
    parts = fitted().contributions(rows().values).sum(axis=1)
    said = fitted().probability(rows().values)
    assert np.array_equal(np.argsort(np.argsort(parts)), np.argsort(np.argsort(said)))
    assert ((said > 0) & (said < 1)).all()


def test_every_feature_has_its_coefficient() -> None:
    assert set(fitted().coefficients()) == set(FEATURES)


def test_nothing_to_score_is_no_fault() -> None:
    assert len(fitted().probability(np.empty((0, len(FEATURES))))) == 0


@pytest.mark.parametrize("label", [0.0, 1.0])
def test_one_kind_only_is_said(label: float) -> None:
    same = Design(rows().values, rows().pair, rows().cutoff, np.full(len(rows()), label))
    with pytest.raises(model.NotEnough, match="cases stalled; at least 20 of each kind"):
        model.fit(same, history().learner[rows().pair], P)


def test_too_few_learners_are_said() -> None:
    few, _ = tidy(learners(15))
    made = design(few, teaching(few, P), P)
    with pytest.raises(model.NotEnough, match="15 learners"):
        model.fit(made, few.learner[made.pair], P)


@pytest.mark.parametrize("days", [30, 400])
def test_a_history_too_short_is_said(days: int) -> None:
    short, _ = tidy(learners(40, days=days, every=20))
    with pytest.raises(TooShort, match="days"):
        model.try_out(short, P)


def test_a_model_is_read_back_as_it_was() -> None:
    content, _digest, signature = model.pack(fitted(), KEY)
    again = model.unpack(content, signature, KEY)
    assert np.array_equal(again.probability(rows().values), fitted().probability(rows().values))
    assert np.array_equal(again.contributions(rows().values), fitted().contributions(rows().values))
    assert again.parameters == P


def test_the_same_marks_give_the_same_bytes() -> None:
    anew = model.fit(rows(), history().learner[rows().pair], P)
    assert model.pack(anew, KEY) == model.pack(fitted(), KEY)


def test_only_the_named_types_stand_in_it() -> None:
    content, _, _ = model.pack(fitted(), KEY)
    assert storing.types_in(content) == storing.TYPES


@given(st.data())
def test_any_altered_byte_is_refused(data: st.DataObject) -> None:
    content, _, signature = model.pack(fitted(), KEY)
    place = data.draw(st.integers(0, len(content) - 1))
    altered = bytearray(content)
    altered[place] ^= data.draw(st.integers(1, 255))
    with pytest.raises(model.Refusal, match="altered"):
        model.unpack(bytes(altered), signature, KEY)


def test_another_installation_s_model_is_refused() -> None:
    content, _, signature = model.pack(fitted(), KEY)
    with pytest.raises(model.Refusal, match="another installation"):
        model.unpack(content, signature, b"o" * 32)


def _rewritten(change: Callable[[dict[str, Any]], None]) -> bytes:
    """A bundle whose schema somebody changed."""
    content, _, _ = model.pack(fitted(), KEY)
    made = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(content)) as old, zipfile.ZipFile(made, "w") as new:
        for name in old.namelist():
            part = old.read(name)
            if name == "schema.json":
                schema = json.loads(part)
                change(schema)
                part = json.dumps(schema).encode()
            new.writestr(name, part)
    return made.getvalue()


def test_an_unknown_type_is_refused_even_when_it_is_signed() -> None:
    def plant(schema: dict[str, Any]) -> None:
        schema["content"]["curve"] = {"__class__": "system", "__module__": "os", "__loader__": "FunctionNode"}

    content = _rewritten(plant)
    with pytest.raises(model.Refusal, match=r"os\.system"):
        model.unpack(content, storing.sign(content, KEY), KEY)


def test_another_estimator_is_refused_even_when_it_is_signed() -> None:
    from sklearn.tree import DecisionTreeClassifier

    content = skops.io.dumps(DecisionTreeClassifier().fit([[0.0], [1.0]], [0, 1]))
    with pytest.raises(model.Refusal, match="DecisionTreeClassifier"):
        model.unpack(content, storing.sign(content, KEY), KEY)


@pytest.mark.parametrize(
    "content", [b"", b"no bundle", b"x" * (storing.MOST_BYTES + 1)], ids=["empty", "text", "large"]
)
def test_what_is_no_bundle_is_refused(content: bytes) -> None:
    with pytest.raises(model.Refusal):
        model.unpack(content, storing.sign(content, KEY), KEY)


def test_a_model_of_other_features_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    content, _, signature = model.pack(fitted(), KEY)
    monkeypatch.setattr(storing, "FEATURES", FEATURES[:-1])
    with pytest.raises(model.Refusal, match="other features"):
        model.unpack(content, signature, KEY)


def test_a_model_keeps_the_parameters_it_was_taught_under() -> None:
    other = replace(P, gain=5.0)
    content, _, signature = model.pack(replace(fitted(), parameters=other), KEY)
    assert model.unpack(content, signature, KEY).parameters == other


scores = st.lists(st.tuples(st.integers(0, 5), st.booleans(), st.integers(1, 3)), min_size=2, max_size=40)


@given(scores.filter(lambda found: len({label for _, label, _ in found}) == 2))
def test_ranking_says_what_scikit_learn_says(found: list[tuple[int, bool, int]]) -> None:
    score, label, weight = (np.array(column, dtype=float) for column in zip(*found, strict=True))
    auc, precision = Ranking(score, label).auc_and_precision(weight)
    assert auc == pytest.approx(roc_auc_score(label, score, sample_weight=weight))
    assert precision == pytest.approx(average_precision_score(label, score, sample_weight=weight))


def test_one_kind_cannot_be_ranked() -> None:
    assert np.isnan(Ranking(np.arange(3.0), np.ones(3)).auc_and_precision()).all()


@given(st.lists(st.tuples(st.floats(0, 1), st.booleans()), min_size=1, max_size=200))
def test_bins_hold_every_row_once(found: list[tuple[float, bool]]) -> None:
    said, seen = (np.array(column, dtype=float) for column in zip(*found, strict=True))
    bins = calibration(said, seen)
    assert 1 <= len(bins) <= 10
    assert sum(one.rows for one in bins) == len(found)
    assert sum(one.said * one.rows for one in bins) == pytest.approx(said.sum())
    assert sum(one.seen * one.rows for one in bins) == pytest.approx(seen.sum())
    assert 0 <= expected_error(bins) <= 1
