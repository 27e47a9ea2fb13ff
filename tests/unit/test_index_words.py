"""The one rule for words. Elasticsearch's own answers to these texts are compared in the contract suite."""

import pytest

from transforms.index.words import fold, phrase_in, spellings, word_spans, words_of


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", []),
        ("... -- !?", []),
        ("_ __", []),
        ("One, two; three.", ["one", "two", "three"]),
        ("U.S.-led", ["u.s", "led"]),
        ("e.g. the U.N.", ["e.g", "the", "u.n"]),
        ("covid-19 and 19th", ["covid", "19", "and", "19th"]),
        ("1,200.50 or 3.14, 5. 6", ["1,200.50", "or", "3.14", "5", "6"]),
        ("11:30 x:y", ["11", "30", "x:y"]),
        ("€1.2bn $5 10%", ["1.2bn", "5", "10"]),
        ("Gaza's Gaza’s Gaza", ["gaza", "gaza", "gaza"]),
        ("O'Brien O’Brien’s", ["o'brien", "o'brien"]),
        ("don't 'quoted' workers'", ["don't", "quoted", "workers"]),
        ("1990's", ["1990", "s"]),
        ("foo_bar _x", ["foo_bar", "_x"]),
        ("AT&T a/b a@b.example", ["at", "t", "a", "b", "a", "b.example"]),
        ("Besançon Ünïted ŁÓDŹ", ["besançon", "ünïted", "łódź"]),
        ("e\u0301te\u0301", ["e\u0301te\u0301"]),
        ("ΟΔΟΣ İzmir", ["οδοσ", "izmir"]),
        ("東京タワーへ", ["東", "京", "タワー", "へ"]),
        ("서울 회의", ["서울", "회의"]),
        ("القاهرة، غدًا", ["القاهرة", "غدًا"]),
        ("संयुक्त राष्ट्र।", ["संयुक्त", "राष्ट्र"]),
        ("5 km² of land", ["5", "km", "of", "land"]),
        ("x" * 300, ["x" * 255, "x" * 45]),
    ],
)
def test_words_of_a_text(text: str, words: list[str]) -> None:
    assert list(words_of(text)) == words
    assert [word for word, _, _ in word_spans(text)] == words


def test_spans_show_where_a_word_stands_in_the_text() -> None:
    text = "“Gaza’s port”, İzmir"
    assert [text[start:end] for _, start, end in word_spans(text)] == ["Gaza’s", "port", "İzmir"]


def test_fold_keeps_the_length_of_a_text() -> None:
    every = "".join(map(chr, range(0x20, 0x3000)))
    assert len(fold(every)) == len(every)


def test_phrase_is_found_only_together_and_in_order() -> None:
    words = ("a", "b", "a", "c")
    assert phrase_in(("a", "c"), words)
    assert phrase_in(words, words)
    assert not phrase_in(("a", "b", "c"), words)
    assert not phrase_in(("c", "d"), words)


@pytest.mark.parametrize("word", ["gaza", "o'brien", "d'or", "rock'n'roll", "u.s", "1,200"])
def test_every_spelling_of_a_word_is_that_word(word: str) -> None:
    written = spellings(word)
    assert written[0] == word
    assert len(written) == len(set(written))
    assert {words_of(spelling) for spelling in written} == {(word,)}
