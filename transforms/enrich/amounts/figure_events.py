"""What happened to the people or things that a figure counts: killed, injured, displaced, arrested, ..."""

from transforms.enrich.reading.tokens import Token
from transforms.enrich.reading.words import words

# Words that say the event wherever they stand near the number. Nouns and intransitive verbs: the counted thing is
# always the one it happens to.
_STATES = {
    "killed": words(
        """dead died die dies dying deaths death fatalities fatality perished drowned martyred bodies toll corpses
        fatally"""
    ),
    "injured": words("injuries injury hospitalized hospitalised hurt maimed"),
    "casualties": words("casualties"),
    "displaced": words(
        "fled flee fleeing homeless refugees displacement displacements evacuees evacuation uprooted returnees"
    ),
    "missing": words("missing unaccounted"),
    "arrested": words("arrests arrest"),
    "detained": words("detainees detainee custody detentions prisoners"),
    "kidnapped": words("hostages hostage captive abductions kidnappings"),
    "captured": words("prisoner"),
    "rescued": words("alive"),
    "infected": words("infections infected infection"),
    "protested": words("protesters demonstrators marchers protestors marched rallied protested demonstrated"),
}
# Transitive verbs: in the active voice the number before them counts who did it ("two gunmen killed 12 people").
_DEEDS = {
    "killed": words("killed killing kills kill slain murdered executed massacred beheaded claimed"),
    "injured": words("injured injuring wounded wounding wound injure"),
    "displaced": words("displaced displacing evacuated evacuating"),
    "arrested": words("arrested arresting apprehended"),
    "detained": words("detained detaining jailed imprisoned"),
    "kidnapped": words("kidnapped kidnapping abducted abducting"),
    "captured": words("captured capturing"),
    "infected": words("infecting sickened"),
    "rescued": words("rescued rescuing saved"),
    "released": words("freed released freeing releasing"),
    "destroyed": words(
        """destroyed destroying razed razing levelled leveled flattened flattening torched torching wrecked wrecking
        gutted"""
    ),
    "damaged": words("damaged damaging"),
    "closed": words("closed closing closure shuttered"),
    "sentenced": words("sentenced"),
}
_STATE_OF = {word: event for event, forms in _STATES.items() for word in forms}
_DEED_OF = {word: event for event, forms in _DEEDS.items() for word in forms}
# What the counted people are; a verb behind says what happened to them ("12 protesters were arrested").
_WEAK = words(
    """protesters protestors demonstrators marchers refugees evacuees returnees hostages hostage detainees detainee
    prisoners"""
)
_BE = words("remain remains remained be been being was were are is got get left found reported feared confirmed")
_BORDER_SYMBOLS = frozenset(";:—")
_BORDER_WORDS = words("but while whereas")
_CONJUNCTIONS = words("and or as after")
_PREPOSITIONS = words(
    """in by during on at after with from near within over since for against across through to off amid before outside
    inside under around along because"""
)
_WHEN = words(
    """when last this earlier later yesterday today overnight monday tuesday wednesday thursday friday saturday
    sunday"""
)
_UNCOUNTED = words("points point percent cents pips higher lower up down")  # an index that closes is not closed
_MODIFIERS = words(
    """at least more than nearly about some around another over almost up to an estimated as many a further including
    roughly further additional the other"""
)
_PASSES_CLAIMED = words("lives life")
_RIGHT, _LEFT = 13, 7  # tokens; the farthest triggers in 60 own sentences stood 11 to the right, 5 to the left


def find_event(tokens: list[Token], first: int, stop: int, numbers: frozenset[int]) -> str | None:
    """Return the event of the figure in tokens `first` (its modifier included) to `stop`, or None.

    `numbers` holds the indices of all tokens that start a number of the sentence: behind "and", a trigger belongs to
    the number nearest to it, and the search ends there.
    """
    left = _left(tokens, first, numbers)
    if left is not None and left[1] == "closed" and stop < len(tokens) and tokens[stop].lower in _UNCOUNTED:
        left = None
    if left is not None and left[0] < _RIGHT and left[2]:
        return left[1]  # "freed 33 hostages": the deed, not what they were
    right = _right(tokens, stop, numbers)
    if right is None or left is None:
        return right[1] if right else left[1] if left else None
    return left[1] if left[0] < right[0] else right[1]


def _right(tokens: list[Token], stop: int, numbers: frozenset[int]) -> tuple[int, str] | None:
    weak = None
    for k in range(stop, min(len(tokens), stop + _RIGHT)):
        token = tokens[k]
        if token.text in _BORDER_SYMBOLS or token.lower in _BORDER_WORDS:
            break
        if (token.lower in _CONJUNCTIONS or token.text == ",") and _number_follows(tokens, k + 1, numbers):
            break
        if k in numbers and k > stop:
            break
        if token.lower in _WEAK:
            weak = weak or (k - stop, _STATE_OF[token.lower])
        elif token.lower in _STATE_OF:
            return k - stop, _STATE_OF[token.lower]
        if token.lower == "homes" and [each.lower for each in tokens[k - 2 : k]] == ["from", "their"]:
            return k - stop, "displaced"
        if token.lower in _DEED_OF and not _is_active(tokens, k, stop):
            return k - stop, _DEED_OF[token.lower]
    return weak


def _number_follows(tokens: list[Token], k: int, numbers: frozenset[int]) -> bool:
    """Tell whether a number comes next, behind modifiers and at most one verb of an event ("and wounded 14")."""
    for j in range(k, min(len(tokens), k + 5)):
        if j in numbers:
            return True
        word = tokens[j].lower
        if word not in _MODIFIERS and word not in _DEED_OF and word not in _STATE_OF:
            return False
    return False


def _is_active(tokens: list[Token], k: int, stop: int) -> bool:
    """Tell whether the verb at token `k` has an object, so that what stands before it did the deed."""
    if tokens[k].lower in ("killing", "injuring", "wounding", "displacing", "destroying", "damaging", "claimed"):
        return True
    if any(tokens[j].lower in _BE for j in range(max(stop, k - 3), k)):
        return False
    if k + 1 >= len(tokens) or tokens[k + 1].kind == "symbol":
        return False
    following = tokens[k + 1]
    return not (following.lower in _PREPOSITIONS or following.lower in _CONJUNCTIONS or following.lower in _WHEN)


def _left(tokens: list[Token], first: int, numbers: frozenset[int]) -> tuple[int, str, bool] | None:
    """Return distance, event and whether a deed says it."""
    penalty = 0
    for k in range(first - 1, max(-1, first - 1 - _LEFT), -1):
        token = tokens[k]
        if token.text in _BORDER_SYMBOLS or token.text == "," or token.lower in _BORDER_WORDS or k in numbers:
            return None
        if token.lower in _CONJUNCTIONS:
            penalty += _RIGHT
        if token.lower in _DEED_OF:
            event = _DEED_OF[token.lower]
            if event == "sentenced" or token.lower == "claimed":
                return None
            if penalty and k > 0 and tokens[k - 1].lower in _BE:
                return None  # three were killed and 40 firefighters came
            return None if _prepositional(tokens, k, first) else (first - k + penalty, event, True)
        if token.lower in _WEAK and penalty:
            continue
        if token.lower in _STATE_OF and token.text.islower():
            if penalty:
                return None  # three dead and 4,000 in shelters: the state is the first number's
            if _prepositional(tokens, k, first) and token.lower not in ("toll", "deaths", "casualties", "death"):
                return None
            return first - k + penalty, _STATE_OF[token.lower], False
    return None


def _prepositional(tokens: list[Token], k: int, first: int) -> bool:
    """Tell whether a preposition parts verb and number: in "killed in two attacks" the attacks are not killed."""
    return any(tokens[j].lower in _PREPOSITIONS for j in range(k + 1, first))


def event_of_duration(tokens: list[Token], first: int) -> str | None:
    """Return "sentenced" for a term behind that verb ("sentenced to 12 years"), else None."""
    window = tokens[max(0, first - 8) : first]
    return "sentenced" if any(token.lower in ("sentenced", "sentence") for token in window) else None


def lives_claimed(tokens: list[Token], first: int, stop: int) -> bool:
    """Tell whether a number of lives was claimed or lost ("claimed 12 lives")."""
    follows = tokens[stop].lower if stop < len(tokens) else ""
    return follows in _PASSES_CLAIMED and any(
        token.lower in ("claimed", "claiming", "lost", "cost") for token in tokens[max(0, first - 4) : first]
    )
