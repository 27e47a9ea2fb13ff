"""What a line is by its form alone, in any language: a separator, an address, a date, a pull quote."""

import re
from collections.abc import Sequence

from transforms.text.clean import fold

MAX_DATE_LINE_CHARS = 90
MAX_CONTACT_CHARS = 150
MAX_QUOTES = 50
QUOTE_CHARS = (40, 350)  # a pull quote is a sentence, not a name and not a paragraph

_SEPARATOR = re.compile(r"[\W_]+")
_TABLE_RULE = re.compile(r"\|[-|: ]+\|?")
_ADDRESS = re.compile(r"[-*•]?\s*(?:https?://)?(?:www\.)?([\w.-]+\.\w{2,})/[^\s/]\S*", re.I)
_COPYRIGHT = re.compile(r"[-–—|* ]{0,3}©\D{0,80}(?:19|20)\d{2}\b")
_YEAR = re.compile(r"(?:19|20)\d{2}")
_QUOTED = re.compile(r"[\"'“”„‟«»‹›‘’「『].*[\"'“”„‟«»‹›‘’」』]")
_CONTACT = re.compile(
    r"(?:please )?(?:write to|e-?mail|contact|reach|you can (?:reach|e-?mail|contact)|send tips to|schreiben sie|"
    r"kontakt|contactez|escriba a|contatta|contato|kontakt do)\b.{2,80}\s\S+@\S+\.\S+",
    re.I,
)
_MONTHS = (
    "january february march april may june july august september october november december jan feb mar apr jun jul aug "
    "sep sept oct nov dec januar februar märz april mai juni juli oktober dezember okt dez mär janvier février mars "
    "avril juin juillet août septembre octobre novembre décembre janv févr avr juil enero febrero marzo abril mayo "
    "junio julio agosto septiembre setiembre octubre noviembre diciembre gennaio febbraio aprile maggio giugno luglio "
    "settembre ottobre novembre dicembre janeiro fevereiro março maio junho julho setembro outubro novembro dezembro "
    "januari februari maart mei augustus stycznia lutego marca kwietnia maja czerwca lipca sierpnia września "
    "października listopada grudnia января февраля марта апреля мая июня июля августа сентября октября ноября декабря"
)
_DAYS = (
    "monday tuesday wednesday thursday friday saturday sunday mon tue tues wed thu thur thurs fri sat sun montag "
    "dienstag mittwoch donnerstag freitag samstag sonntag mo di mi do fr sa so lundi mardi mercredi jeudi vendredi "
    "samedi dimanche lunes martes miércoles jueves viernes sábado domingo lunedì martedì mercoledì giovedì venerdì "
    "sabato domenica segunda terça quarta quinta sexta feira maandag dinsdag woensdag donderdag vrijdag zaterdag "
    "zondag poniedziałek wtorek środa czwartek piątek sobota niedziela понедельник вторник среда четверг пятница "
    "суббота воскресенье"
)
_AROUND = (
    "am pm a m p h uhr at um à às a las alle ore godz om de of the del di den der le el em on le vom am est edt cet "
    "cest gmt utc bst pst pdt et pt ist jst amt msk et min mins updated published posted last modified created "
    "aktualisiert veröffentlicht stand publié mis jour publicado actualizado atualizado aggiornato pubblicato "
    "bijgewerkt opublikowano aktualizacja опубликовано обновлено г th st nd rd"
)
_DATE_WORDS = frozenset(f"{_MONTHS} {_DAYS} {_AROUND}".split())
DATE_NAMES = frozenset(f"{_MONTHS} {_DAYS}".split())
_NUMBER = re.compile(r"\d{1,4}(?:st|nd|rd|th|h|am|pm|º|er)?|\d{1,2}h\d{2}")
_CJK_DATE = re.compile(r"\W*(?:19|20)\d{2}年\d{1,2}月\d{1,2}日[\d時分:：年月日\s()（）曜月火水木金土日更新公開配信]*")


def is_separator(line: str) -> bool:
    """Say whether no letter or digit is in it: "* * *", "___"."""
    return _SEPARATOR.fullmatch(line) is not None


def is_table_rule(line: str) -> bool:
    """Say whether it is the line under a table's head: "|---|---|"."""
    return _TABLE_RULE.fullmatch(line) is not None


def is_address_on(line: str, host: str) -> bool:
    """Say whether it is the URL of a page on `host` (without "www.") and nothing else: the page's own, or a story's."""
    match = _ADDRESS.fullmatch(line)
    return match is not None and match[1].lower().removeprefix("www.") == host


def is_copyright(line: str) -> bool:
    """Say whether it begins with the sign of copyright and a year; without one it stands below a picture."""
    return len(line) <= MAX_CONTACT_CHARS and _COPYRIGHT.match(line) is not None


def is_contact(line: str) -> bool:
    """Say whether it tells where to write to: "Write to Ann Lee at ann.lee@gazette.example"."""
    return len(line) <= MAX_CONTACT_CHARS and "@" in line and _CONTACT.match(line) is not None


def is_date(line: str) -> bool:
    """Say whether it is a date, a time and the words around them, and nothing else.

    >>> is_date("Updated: Monday, 24 November 2025 at 7:15 am"), is_date("In 2025"), is_date("May 5 was a Monday.")
    (True, False, False)
    """
    if len(line) > MAX_DATE_LINE_CHARS or not any(map(str.isdigit, line)):
        return False
    if _CJK_DATE.fullmatch(line):
        return True
    words = fold(line).split()
    numbers = sum(_NUMBER.fullmatch(word) is not None for word in words)
    years = sum(_YEAR.fullmatch(word) is not None for word in words)
    anchored = years == 1 or (not years and any(word in DATE_NAMES for word in words))  # two years are a span
    return numbers >= 2 and anchored and all(word in _DATE_WORDS or _NUMBER.fullmatch(word) for word in words)


def pull_quotes(lines: Sequence[str]) -> frozenset[int]:
    """Return the numbers of lines in quotation marks that stand word for word in a longer line: shown a second time."""
    shortest, longest = QUOTE_CHARS
    quoted = [n for n, line in enumerate(lines) if shortest <= len(line) <= longest and _QUOTED.fullmatch(line)]
    if not quoted:
        return frozenset()
    folded = [f" {fold(line)} " for line in lines]
    return frozenset(
        number
        for number in quoted[:MAX_QUOTES]
        if folded.count(folded[number]) == 1
        and any(folded[number] in other for n, other in enumerate(folded) if n != number)
    )
