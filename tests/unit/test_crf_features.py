"""What the name tagger looks at."""

from transforms.enrich.tagging.crf_features import FeatureMaker, Lexicon
from transforms.enrich.tagging.crf_model import MARGIN, around_names, load_lexicon
from transforms.enrich.tagging.known_names import names_to_train

LEXICON = Lexicon(first_names={"ada"}, last_names={"novak"}, names={"gaza": "state", "world bank": "body"}, clusters={})


def features(*sentences: str) -> list[list[list[str]]]:
    maker = FeatureMaker(LEXICON)
    split = [sentence.split() for sentence in sentences]
    document = maker.document(split)
    return [maker.features(words, document) for words in split]


def test_a_run_of_capitals_sees_what_stands_around_it() -> None:
    ((_, ada, novak, _, _),) = features("when Ada Novak went home")
    for row in (ada, novak):
        assert {"rb=when", "ra=went", "rfFL"} <= set(row)


def test_a_listed_name_marks_its_words_and_its_run() -> None:
    ((_, world, bank, _),) = features("the World Bank lent")
    assert "GB-body+" in world
    assert "GI-body" in bank
    assert {"rg=GB-body+", "rge=GI-body"} <= set(world) & set(bank)


def test_a_short_name_knows_how_the_document_names_it_in_full() -> None:
    (_, second) = features("then Ada Novak came", "and Novak said so")
    assert {"D-fnm", "D-multi", "D-say", "D-n"} <= set(second[1])
    ((_, once, *_),) = features("then Novak said so")
    assert not [feature for feature in once if feature.startswith("D-")]


def test_the_order_of_features_is_always_the_same() -> None:
    sentences = ("Ada Novak of the World Bank spoke in Gaza", "Novak said the World Bank left Gaza")
    assert features(*sentences) == features(*sentences)


def test_stretches_hold_every_capital_and_digit_with_a_margin() -> None:
    words = ["a"] * 20 + ["Novak"] + ["b"] * 20 + ["7"]
    assert around_names(words) == [range(20 - MARGIN, 21 + MARGIN), range(41 - MARGIN, 42)]
    assert around_names(["Novak", "said"]) == [range(2)]
    assert around_names(["nothing", "here"]) == []


def test_outside_the_stretches_there_are_no_features_and_inside_the_same() -> None:
    maker = FeatureMaker(LEXICON)
    words = ["in", "the", "long", "and", "cold", "and", "very", "dark", "winter", "Ada", "Novak", "came"]
    document = maker.document([words])
    whole, part = maker.features(words, document), maker.features(words, document, around_names(words))
    assert part[:6] == [[]] * 6
    assert part[6:] == whole[6:]


def test_the_packed_names_are_of_the_lists_in_the_package() -> None:
    packed = load_lexicon().names
    today = names_to_train()
    assert packed["kerem shalom"] == today["kerem shalom"] == "fac"
    assert packed["world health organization"] == "body"
    assert len(packed.keys() - today.keys()) < 0.02 * len(packed)  # lists grow; they hardly shrink
