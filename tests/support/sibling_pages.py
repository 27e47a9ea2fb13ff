"""Pages of one site that nobody else has seen: stories of our own, each with the site's own lines among them."""

PROMOTIONS = (
    "The Quayside Ledger comes through your letterbox on Fridays, salt and all.",
    "Ask the harbour desk a question and we may walk down to the pier for you.",
)
_STORIES = {
    "ferry-engine": (
        "Ferry waits for a new engine",
        "The white ferry will stay at its berth until the end of the month, its owner said on Monday.",
        "Its engine stopped twice last week between the lighthouse and the town, with sixty people on board.",
        "A spare part is on its way from a yard in Gdansk, where the ship was built in 1974.",
        "Until then a fishing boat takes passengers across, eleven at a time and only in calm weather.",
    ),
    "school-roof": (
        "School moves out for its roof",
        "Pupils of the hill school have lessons in the town hall from today, because rain comes through the roof.",
        "The headmaster counted nineteen buckets in the corridor on the first floor before he called the council.",
        "Carpenters found beams that were soft enough to push a thumb into, and closed the building at once.",
        "The council has set aside 240,000 crowns for new timber, and hopes to be done before the winter.",
    ),
    "orchard-frost": (
        "Late frost takes the plums",
        "Growers in the valley expect hardly any plums this year after two nights of frost in early May.",
        "Apples, which bloom later, came through it better, said a grower who keeps four hundred trees.",
        "She lit fires between the rows at three in the morning and kept them going until sunrise.",
        "Jam makers in the town have begun to ask for fruit from farther south, at twice the price.",
    ),
    "library-boat": (
        "Library boat sails again",
        "The boat that brings books to the outer islands left the harbour this morning after five years ashore.",
        "It carries three thousand volumes and a librarian, who sleeps in a cabin behind the crime shelf.",
        "Nine islands are on its round, the smallest of which has a population of four readers.",
        "Volunteers had scraped, tarred and painted the hull over two winters in a borrowed shed.",
    ),
    "market-hall": (
        "Market hall keeps its clock",
        "The clock of the market hall will be repaired and not replaced, the council decided by one vote.",
        "It has run seven minutes slow since a gull nested in its works, and traders set their watches by it.",
        "A clockmaker offered to clean it for nothing if he may ring the bell on his birthday.",
        "Work begins after the autumn fair, when the square is empty enough for a scaffold.",
    ),
    "bridge-toll": (
        "No toll on the new bridge",
        "Drivers will cross the new bridge without paying, the minister of transport told parliament on Thursday.",
        "The previous government had planned a toll of thirty crowns for cars and ninety for lorries.",
        "Shopkeepers on the southern bank had feared that customers would turn round at the booth.",
        "The bridge opens in spring, four years later than promised and a metre higher than drawn.",
    ),
}  # fmt: skip
NAMES = tuple(_STORIES)


def story(name: str) -> list[str]:
    """Return the paragraphs of a story, without its headline."""
    return list(_STORIES[name][1:])


def sibling(name: str, *, url: str = "", promotions: bool = True) -> str:
    """Return the page of a story in a theme whose promotions no phrase file knows and no class gives away."""
    title, first, *rest = _STORIES[name]
    lines = [first, *(PROMOTIONS[:1] if promotions else ()), *rest, *(PROMOTIONS[1:] if promotions else ())]
    body = "".join(f"<p>{line}</p>\n" for line in lines)
    link = f'<link rel="canonical" href="{url}">' if url else ""
    return (
        f'<!doctype html><html lang="en"><head><meta charset="utf-8"><title>{title}</title>{link}</head>'
        f"<body><header><a href='/'>Home</a></header><article><h1>{title}</h1>\n{body}</article></body></html>"
    )
