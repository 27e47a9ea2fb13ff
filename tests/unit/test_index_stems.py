"""Keys of words: endings and accents off, by the language of the article."""

import threading

import pytest

from transforms.index.stems import (
    LANGUAGES,
    MAX_KEY_CHARS,
    STEMMERS,
    alternatives_of,
    keys_of,
    query_keys,
    stemmed_language,
    without_accents,
)


def same(one: str, other: str, language: str) -> bool:
    """Whether an article with one word is found by the other."""
    indexed = {*keys_of((one,), language), *alternatives_of((one,), language)}
    return bool(indexed & {phrase[0] for phrase in query_keys((other,))})


@pytest.mark.parametrize(
    ("language", "one", "other"),
    [
        ("en", "ceasefire", "ceasefires"), ("en", "displaced", "displacing"), ("de", "häuser", "haus"),
        ("de", "müller", "mueller"), ("de", "straße", "strasse"), ("fr", "députée", "député"),
        ("fr", "élections", "election"), ("es", "naciones", "nación"), ("sv", "umeå", "umea"), ("sv", "malmö", "malmo"),
        ("ru", "выборы", "выборов"), ("el", "οδός", "οδος"), ("tr", "şehir", "sehirler"), ("", "malmö", "malmo"),
        ("pl-none", "łódź", "lodz"),
    ],
)  # fmt: skip
def test_word_is_found_by_its_other_forms(language: str, one: str, other: str) -> None:
    language = stemmed_language(language)
    assert same(one, other, language)
    assert same(other, one, language)


@pytest.mark.parametrize(
    ("language", "one", "other"),
    [("en", "new", "news"), ("ru", "чай", "чаи "), ("de", "wahl", "wal"), ("en", "port", "sport")],
)
def test_other_words_are_not_found(language: str, one: str, other: str) -> None:
    assert not same(one, other, language)


def test_stem_of_one_language_never_meets_a_word_of_another() -> None:
    assert same("new", "news", "fr")  # to the French stemmer they are one word
    assert not same("new", "news", "en")


@pytest.mark.parametrize(
    ("tag", "language"),
    [("en", "en"), ("en-GB", "en"), ("EN", "en"), ("nb", "no"), ("zh", ""), ("", ""), (None, ""), ("x-y", "")],
)
def test_language_of_a_tag(tag: str | None, language: str) -> None:
    assert stemmed_language(tag) == language


def test_every_language_has_its_stemmer() -> None:
    assert {stemmed_language(tag) for tag in STEMMERS} == set(LANGUAGES)
    for language in LANGUAGES:
        (key,) = keys_of(("rafah",), language)
        assert key.startswith(f"{language}|")


def test_marks_that_make_another_letter_stay() -> None:
    assert without_accents("чай") == "чай"
    assert without_accents("हिन्दी") == "हिन्दी"
    assert without_accents("東京が") == "東京が"


def test_long_words_have_keys_that_every_store_takes() -> None:
    assert all(len(key) <= MAX_KEY_CHARS for phrase in query_keys(("ß" * 255,)) for key in phrase)


def test_stemmers_are_used_by_many_threads() -> None:
    words = tuple(f"{stem}ings" for stem in ("walk", "talk", "stand", "count") for _ in range(200))
    expected = keys_of(words, "en")
    found: list[list[str]] = []
    threads = [threading.Thread(target=lambda: found.append(keys_of(words, "en"))) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert found == [expected] * 8
