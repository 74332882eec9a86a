"""Texts that read the same give the same tokens."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from detector.dedup.normalise import ALL_CAPITALS, CAPITALISED, NUMBER, STARTS_SENTENCE, tokenise


def words(text: str) -> list[str]:
    tokens = tokenise(text)
    return [text[start:end] for start, end in zip(tokens.starts, tokens.ends, strict=True)]


@pytest.mark.parametrize(
    ("written", "read"),
    [
        pytest.param("Powеr reрort", "power report", id="Cyrillic letters in Latin words"),
        pytest.param("expan\xadsion of t\u200dhe U\u2060SB", "expansion of the USB", id="soft hyphens and joiners"),
        pytest.param("the afﬁnity of ﬂames", "the affinity of flames", id="ligatures"),
        pytest.param("１６-pin", "16-pin", id="full-width digits"),
        pytest.param("caf\u00e9", "cafe\u0301", id="composed and decomposed marks"),
        pytest.param("STRASSE", "Straße", id="sharp s"),
        pytest.param("1,234 tonnes", "1234 tonnes", id="thousands separator"),
        pytest.param("МОСКВА", "москва", id="case of another script"),
        pytest.param("don't", "don’t", id="apostrophes"),
        pytest.param("\U0001d400 bold", "a bold", id="mathematical letters"),
        pytest.param("chil-\n   dren", "children", id="a word broken at a line's end"),
        pytest.param("کتاب يك", "كتاب یک", id="Arabic and Urdu forms of one letter"),
        pytest.param("«Quoted» – “words”", '"quoted" - "words"', id="quotation marks and dashes"),
    ],
)
def test_texts_that_read_the_same_have_the_same_tokens(written: str, read: str) -> None:
    assert tokenise(written).hashes.tolist() == tokenise(read).hashes.tolist()


@pytest.mark.parametrize(
    ("one", "other"),
    [("1.5", "15"), ("Anglo-\nSaxon", "AngloSaxon"), ("no table", "notable"), ("3-\nfold", "3fold")],
)
def test_texts_that_read_otherwise_have_other_tokens(one: str, other: str) -> None:
    assert tokenise(one).hashes.tolist() != tokenise(other).hashes.tolist()


def test_scripts_without_spaces_give_a_token_a_character() -> None:
    assert words("日本 news ไทย") == ["日", "本", "news", "ไ", "ท", "ย"]


def test_offsets_point_at_the_words_in_the_text() -> None:
    assert words("“Don’t,” she said: 1,234.5 chil-\ndren.") == ["Don’t", "she", "said", "1,234.5", "chil-\ndren"]


@pytest.mark.parametrize("end", ["", " é", " 日", " \U0001d400"], ids=["one byte", "one", "two bytes", "four bytes"])
def test_a_text_has_the_same_tokens_however_python_keeps_its_characters(end: str) -> None:
    text = "Internationalisation’s 4,300 anti-\nflood co-ops (don't “ask”) were 12.5 km off. " * 20
    apart, together = tokenise(text), tokenise(text + end)
    for field in ("hashes", "starts", "ends", "flags"):
        assert getattr(together, field)[: len(apart)].tolist() == getattr(apart, field).tolist()


def test_a_word_that_goes_on_behind_its_lines_end_takes_nothing_else_with_it() -> None:
    assert words("ab-\ncd日ef") == ["ab-\ncd", "日", "ef"]


def test_a_word_of_any_length_is_one_token() -> None:
    lengths = [*range(1, 40), 63, 64, 65, 127, 128, 129, 1000]
    for place in range(9):
        text = " " * place + " ".join("x" * length for length in lengths)
        tokens = tokenise(text)
        assert (tokens.ends - tokens.starts).tolist() == lengths
        assert len(set(tokens.hashes.tolist())) == len(lengths)
        assert tokenise(text.replace(" ", "’ ")).hashes.tolist() == tokens.hashes.tolist()


@pytest.mark.parametrize("length", [1, 2, 7, 8, 9, 10, 15, 16, 17, 40])
def test_an_apostrophe_anywhere_in_a_word_or_around_it_changes_nothing(length: int) -> None:
    word = "abcdefghijklmnopqrstuvwxyz0123456789ABCD"[:length]
    for mark in ("'", "’", "\u200d", "’\u0301'"):
        for place in range(length + 1):
            written = word[:place] + mark + word[place:]
            for start in range(9):
                tokens = tokenise(" " * start + written + f" {mark} " + written[::-1])
                assert tokens.hashes.tolist() == tokenise(f"{word} {word[::-1]}").hashes.tolist()


def test_flags_tell_numbers_names_and_where_sentences_start() -> None:
    tokens = tokenise("Rain fell on NATO. Then Ruth Aldous paid 30.")
    flags = dict(zip(words("Rain fell on NATO. Then Ruth Aldous paid 30."), tokens.flags.tolist(), strict=True))
    assert flags["Rain"] == CAPITALISED | STARTS_SENTENCE
    assert flags["fell"] == 0
    assert flags["NATO"] == CAPITALISED | ALL_CAPITALS
    assert flags["Then"] == CAPITALISED | STARTS_SENTENCE
    assert flags["Aldous"] == CAPITALISED
    assert flags["30"] == NUMBER


@given(st.text())
def test_any_text_gives_tokens_in_order_within_it(text: str) -> None:
    tokens = tokenise(text)
    assert (tokens.starts < tokens.ends).all()
    assert (tokens.starts[1:] >= tokens.ends[:-1]).all()
    assert len(tokens) == 0 or tokens.ends[-1] <= len(text)


@given(st.text(alphabet=st.characters(codec="utf-8")))
def test_case_and_white_space_do_not_count(text: str) -> None:
    assert tokenise(f"  {text} \t").hashes.tolist() == tokenise(text).hashes.tolist()
