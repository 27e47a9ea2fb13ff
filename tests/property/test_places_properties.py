"""Places on any text: no exception, the same answer twice, the same entities back."""

from hypothesis import given, settings
from hypothesis import strategies as st

from tests.support.enriching import article_of
from transforms.elements import Entity, Mention
from transforms.enrich.locating.gazetteer import fold, load_gazetteer
from transforms.enrich.places import load

ENRICH = load()
NAMES = sorted(load_gazetteer().names())
PIECES = st.one_of(
    st.text(max_size=30),
    st.sampled_from(NAMES).map(str.title),
    st.sampled_from([", ", " (AP) — ", "Texas", "Ore.", ", Ga. ", " – ", "\n\n", "Georgia", "the ", "city of "]),
)
LABELS = st.sampled_from(["GPE", "LOC", "FAC", "NORP", "PERSON", "ORG"])


@settings(max_examples=200, deadline=None)
@given(
    pieces=st.lists(PIECES, max_size=12),
    spans=st.lists(st.tuples(st.integers(0, 200), st.integers(0, 40), LABELS, st.text(max_size=20)), max_size=8),
)
def test_any_text_with_any_entities_is_answered_the_same_way_twice(pieces, spans):
    body = "".join(pieces)
    entities = tuple(
        Entity(
            id=str(number),
            name=name or body[start : start + length],
            label=label,
            count=1,
            mentions=(
                Mention(field="body", text=body[start : start + length], start_char=start, end_char=start + length),
            ),
        )
        for number, (start, length, label, name) in enumerate(spans)
    )
    article = article_of(body)
    found = ENRICH(article, {"entities": entities})
    assert found == ENRICH(article, {"entities": entities})
    assert [each.id for each in found["entities"]] == [each.id for each in entities]
    assert all(each.country for each in found["entities"] if each.geonames_id)


@given(st.text())
def test_folding_twice_changes_nothing(text):
    assert fold(fold(text)) == fold(text)
