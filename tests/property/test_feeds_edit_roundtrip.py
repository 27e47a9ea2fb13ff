"""Adding and removing feeds, whatever the values and the order: the list is what it should be, comments stay."""

from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from pipeline.feeds_edit import add_block, remove_block
from pipeline.yaml_text import parse_yaml

words = st.text(
    alphabet=st.characters(
        codec="utf-8", exclude_categories=["Cc", "Cs", "Zl", "Zp"], exclude_characters="\ufeff\ufffe\uffff"
    ),
    min_size=1,
    max_size=20,
)
blocks = st.fixed_dictionaries(
    {"url": words},
    optional={"id": words, "publisher": st.fixed_dictionaries({"name": words}), "tags": st.lists(words, max_size=3)},
)
HEAD = "# ours, with an umlaut: ä\nfeeds:\n"


@given(st.lists(blocks, min_size=1, max_size=5), st.data())
def test_any_feeds_can_be_added_and_removed_one_by_one(feeds: list[dict[str, Any]], data: st.DataObject) -> None:
    text = HEAD
    for number, feed in enumerate(feeds):
        text = add_block(text, feed) + f"# after {number}\n"
    assert parse_yaml(text).data == {"feeds": feeds}
    left = list(feeds)
    while left:
        index = data.draw(st.integers(0, len(left) - 1))
        text = remove_block(text, index)
        del left[index]
        assert parse_yaml(text).data == {"feeds": left}
    comments = [line for line in text.splitlines() if line.startswith("#")]
    assert comments == [HEAD.splitlines()[0], *(f"# after {number}" for number in range(len(feeds)))]


def test_text_that_another_reader_takes_for_a_number_stays_text() -> None:
    assert parse_yaml(add_block("feeds:\n", {"url": "0E0"})).data == {"feeds": [{"url": "0E0"}]}
