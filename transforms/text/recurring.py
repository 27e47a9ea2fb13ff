"""Which lines recur on a site: counted over its latest articles, a text that was published twice once."""

from collections import Counter, defaultdict
from collections.abc import Collection, Sequence
from math import ceil
from typing import NamedTuple

from transforms.elements import Observed
from transforms.text.learned import SKETCH_SIZE

MIN_ARTICLES = 4  # below, nothing is known of a site
FEW_TIMES, FEW_SHARE, MIN_SHARE = 3, 0.5, 0.3
STAYS = 0.5  # of what a line needs to come in: at the border it would come and go with every run
MAX_LINES = 100  # of a profile; the most frequent ones
SAME_TEXT = 0.6  # of a sketch: copies have 0.8 and more, other articles of a site with long promotions 0.4 at most


class Recurring(NamedTuple):
    """A line's key, and which of the articles have it, by number in the order given."""

    key: int
    articles: tuple[int, ...]


class Counted(NamedTuple):
    """How many articles count, and the lines that recur in them, the most frequent first."""

    articles: int
    lines: tuple[Recurring, ...]


def needed(articles: int) -> int:
    """Return in how many of so many articles a line is boilerplate: in 30 %, and of few, three or a half of them.

    Measured by leaving out one page of each site with five or more (89 pages): the eight pages that change get better
    and none gets worse; in one other page is not enough (recall falls by 0.003).

    >>> [needed(articles) for articles in (4, 5, 10, 20, 200)]
    [2, 3, 3, 6, 60]
    """
    return max(min(FEW_TIMES, ceil(FEW_SHARE * articles)), ceil(MIN_SHARE * articles))


def recurring_lines(observed: Sequence[Observed], known: Collection[int] = ()) -> Counted:
    """Return the lines that recur in articles given from the oldest to the newest.

    `known` lines stay until they are in less than half of the articles that a line needs to come in.
    """
    distinct = distinct_texts([each.sketch for each in observed])
    if len(distinct) < MIN_ARTICLES:
        return Counted(len(distinct), ())
    found: dict[int, list[int]] = defaultdict(list)
    for number in distinct:
        for key in dict.fromkeys(observed[number].lines):
            found[key].append(number)
    enough, stays, kept = needed(len(distinct)), STAYS * needed(len(distinct)), frozenset(known)
    lines = [
        Recurring(key, tuple(numbers))
        for key, numbers in found.items()
        if len(numbers) >= enough or (key in kept and len(numbers) >= stays)
    ]
    lines.sort(key=lambda line: (-len(line.articles), line.key))
    return Counted(len(distinct), tuple(lines[:MAX_LINES]))


def distinct_texts(sketches: Sequence[Sequence[int]]) -> list[int]:
    """Return the numbers of the texts that are no near-identical copy of an earlier one."""
    holders: dict[int, list[int]] = defaultdict(list)  # hash -> distinct texts that have it
    distinct: list[int] = []
    for number, sketch in enumerate(sketches):
        shared = Counter(holder for each in sketch for holder in holders.get(each, ()))
        if any(
            count >= SAME_TEXT * min(len(sketch), len(sketches[holder])) / 2
            and resemblance(sketch, sketches[holder]) >= SAME_TEXT
            for holder, count in shared.items()
        ):
            continue
        distinct.append(number)
        for each in set(sketch):
            holders[each].append(number)
    return distinct


def resemblance(one: Sequence[int], other: Sequence[int]) -> float:
    """Return what share of their shingles two texts have in common, as far as their sketches tell (sd 0.09)."""
    both = set(one) & set(other)
    smallest = sorted({*one, *other})[:SKETCH_SIZE]
    return sum(each in both for each in smallest) / max(1, len(smallest))
