"""Days as people write them, in ten languages: "Thursday, 20 November 2025", "20 de noviembre de 2025"."""

import re
from datetime import date

from transforms.text.clean import fold

# One line per language, January to December; words in another case or cut short begin alike, so stems are compared.
_MONTHS = (
    "january february march april may june july august september october november december",
    "januar februar märz april mai juni juli august september oktober november dezember",
    "janvier février mars avril mai juin juillet août septembre octobre novembre décembre",
    "enero febrero marzo abril mayo junio julio agosto septiembre octubre noviembre diciembre",
    "gennaio febbraio marzo aprile maggio giugno luglio agosto settembre ottobre novembre dicembre",
    "janeiro fevereiro março abril maio junho julho agosto setembro outubro novembro dezembro",
    "januari februari maart april mei juni juli augustus september oktober november december",
    "stycznia lutego marca kwietnia maja czerwca lipca sierpnia września października listopada grudnia",
    "января февраля марта апреля мая июня июля августа сентября октября ноября декабря",
    "jan feb mar apr may jun jul aug sep oct nov dec",
    "janv févr mars avr mai juin juil août sept oct nov déc",
    "ene feb mar abr may jun jul ago set oct nov dic",
    "jan feb mär apr mai jun jul aug sep okt nov dez",
)
_NUMBERS = {month: number for line in _MONTHS for number, month in enumerate(line.split(), start=1)}
_CJK = re.compile(r"((?:19|20)\d{2})年(\d{1,2})月(\d{1,2})日")
_DAY = re.compile(r"(\d{1,2})(?:st|nd|rd|th|er|º)?")
_YEAR = re.compile(r"(?:19|20)\d{2}")
_REACH = 3  # words between a month and its day or year ("20 de noviembre de 2025")


def read_written_day(text: str) -> str | None:
    """Return the first day that `text` writes with a month's name, as ISO 8601; None where day or year is open.

    Never digits alone: 03/04/2024 is March in one country and April in another.

    >>> read_written_day("Updated: Nov. 20, 2025, 9.10 am"), read_written_day("in May 2025")
    ('2025-11-20', None)
    """
    if match := _CJK.search(text):
        return _iso(int(match[1]), int(match[2]), int(match[3]))
    words = fold(text).split()
    for at, word in enumerate(words):
        if month := _NUMBERS.get(word):
            before, after = words[max(0, at - _REACH) : at], words[at + 1 : at + 1 + _REACH]
            year = next((int(each) for each in (*after, *before) if _YEAR.fullmatch(each)), None)
            day = next((int(m[1]) for each in (*reversed(before), *after) if (m := _DAY.fullmatch(each))), None)
            if year and day:
                return _iso(year, month, day)
    return None


def _iso(year: int, month: int, day: int) -> str | None:
    try:
        return date(year, month, day).isoformat()
    except ValueError:
        return None
