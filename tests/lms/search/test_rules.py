"""How text becomes comparable and is cut into tokens."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lms.search import rules

TEXT = st.text(st.sampled_from("高血壓压的诊断 abcXY１２ＡＢ/·。，\n％%_\\測量🫀"), max_size=60)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("ＥＣＧ　１２", "ecg 12"),
        ("血壓測量", "血压测量"),
        ("12 导联 心电图", "12导联心电图"),
        ("  a \n\t b ", "a b "),
        ("㎎", "mg"),
    ],
)
def test_fold(text, expected):
    assert rules.fold(text).text == expected


@given(TEXT)
def test_every_folded_character_knows_where_it_came_from(text):
    folded = rules.fold(text)
    assert len(folded.text) == len(folded.places)
    assert list(folded.places) == sorted(folded.places)
    assert all(0 <= place < len(text) for place in folded.places)


@given(TEXT, st.data())
def test_whatever_stands_in_a_text_can_be_found_in_it(text, data):
    """The tokens of a piece of a text are among the text's, or the index would hide what LIKE would find."""
    folded = rules.fold(text).text
    if not folded:
        return
    begin = data.draw(st.integers(0, len(folded) - 1))
    runs = rules._RUN.findall(folded[begin:])
    # a question begins where a word or a Chinese character begins
    if runs and (begin == 0 or not folded[begin - 1].isalnum()):
        assert set(rules.needed([folded[begin:]])) <= set(rules.tokens(text))


def test_chinese_is_found_by_one_two_and_three_characters():
    indexed = set(rules.tokens("四周内非同日三次测量血压"))
    for word in ("测", "测量", "非同日", "三次测量血压"):
        assert set(rules.needed([word])) <= indexed
    assert not set(rules.needed(["血量"])) <= indexed


def test_words_are_found_by_their_beginning():
    indexed = set(rules.tokens("Hypertension management"))
    assert {"hyp", "hyper", "hypertension"} <= indexed
    assert "hy" not in indexed


def test_what_cannot_be_searched_is_not_asked():
    assert rules.sought(" ，。 % _ ") == []
    assert rules.sought("高血压 高血压 ECG") == ["高血压", "ecg"]
    assert len(rules.sought(" ".join(f"w{n}" for n in range(50)))) == rules.MOST_WORDS


@given(TEXT, TEXT)
def test_pieces_are_the_text_and_nothing_else(text, question):
    words = rules.sought(question)
    assert "".join(piece.text for piece in rules.pieces(text, words)) == text


def test_a_snippet_shows_the_place_and_marks_it():
    text = "开头。" * 40 + "首诊两侧都量血压，以后固定量高的一侧。" + "结尾。" * 40
    made = rules.snippet(text, ["血压"])
    assert any(piece.hit and piece.text == "血压" for piece in made)
    assert made[0].text == "…"
    assert made[-1].text == "…"
    assert sum(len(piece.text) for piece in made) < 100


def test_a_snippet_marks_what_was_written_otherwise():
    assert [piece.text for piece in rules.snippet("量血壓用 ＥＣＧ", ["血压", "ecg"]) if piece.hit] == [
        "血壓",
        "ＥＣＧ",
    ]
