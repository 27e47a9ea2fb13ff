"""Who says something in German, French and Spanish news: cue verbs and the words beside them that name the speaker.

Shallower than the English `speech`: a speaker stands right behind the verb that follows a quotation ("sagte Bell"),
opens the sentence whose verb leads to one ("Bell sagte: ..."), or follows "laut", "selon", "según".
"""

import re
from typing import NamedTuple

from transforms.enrich.speech import Speech


class _Language(NamedTuple):
    verbs: str  # alternatives
    auxiliary: str  # before the verb: "a déclaré"
    source: str  # "according to"
    stops: str  # words behind which no speaker's name goes on


_WEEKDAYS_ES = "lunes|martes|miércoles|jueves|viernes|sábado|domingo"
_LANGUAGES = {
    "de": _Language(
        "sagte|sagt|sagten|erklärte|erklärt|erklärten|betonte|betont|warnte|warnt|warnten|kritisierte|kritisiert|meinte"
        "|meint|teilte|teilten|berichtete|berichteten|fügte|forderte|fordert|forderten|bekräftigte|kündigte|räumte"
        "|lobte|mahnte|mahnt|schrieb|schreibt|behauptete|versicherte|fragte|fragt|antwortete|so|ergänzte|klagte|hieß",
        "",
        "laut|zufolge|nach Angaben von",
        "am|im|in|vom|von dem|nach|vor|bei|beim|gegenüber|über|zu|zum|zur|auf|mit|an|dass|und|aus|während|als|heute"
        "|gestern|dem|den|ein|hinzu|der Nachrichtenagentur|es|sich",
    ),
    "fr": _Language(
        "déclaré|affirmé|expliqué|dit|ajouté|assuré|prévenu|estimé|indiqué|précisé|souligné|répondu|lancé|écrit|regretté"
        "|dénoncé|confié|raconté|explique|affirme|assure|déclare|ajoute|estime|prévient|indique|précise|souligne|répond"
        "|lance|écrit|regrette|dénonce|confie|raconte|conclut|résume|martèle|témoigne|avertit",
        r"(?:(?:a|ont|avait|s'est)\s)?",
        "selon|d'après",
        "à|au|aux|dans|lors|sur|devant|après|avant|lundi|mardi|mercredi|jeudi|vendredi|samedi|dimanche|en|qui|que|et"
        "|pour|par|ce|hier|chez",
    ),
    "es": _Language(
        "dijo|dice|explicó|explica|aseguró|asegura|afirmó|afirma|advirtió|advierte|señaló|señala|declaró|declara|añadió"
        "|añade|indicó|indica|sostuvo|reconoció|lamentó|criticó|destacó|subrayó|apuntó|insistió|respondió|escribió"
        "|contó|cuenta|relató|denunció|manifestó|expresó|comentó|concluyó|agregó|dijeron|aseguraron",
        r"(?:ha\s)?",
        "según|de acuerdo con",
        rf"en|al|a|sobre|durante|tras|este|esta|ante|que|y|por|para|desde|hoy|ayer|(?:el|este)\s(?:{_WEEKDAYS_ES})",
    ),
}
_MAX_WORDS = 8
_WORD = r"[^\W\d_](?:[\w’'-]|\.(?=\s?[A-ZÄÖÜ]))*"


class _Patterns(NamedTuple):
    inverted: re.Pattern[str]
    direct: re.Pattern[str]
    source: re.Pattern[str]


def _compile(language: _Language) -> _Patterns:
    name = rf"(?P<who>(?!(?:{language.stops})\b){_WORD}(?:\s(?!(?:{language.stops})\b){_WORD}){{0,{_MAX_WORDS}}})"
    verb = rf"{language.auxiliary}(?P<verb>{language.verbs})"
    return _Patterns(
        re.compile(rf"[,:]?\s?(?:{verb})\s{name}"),
        re.compile(rf"(?P<who>{_WORD}(?:\s{_WORD}){{0,{_MAX_WORDS}}}?)\s{verb}(?!\w)"),
        re.compile(rf"(?i:(?P<verb>{language.source}))\s{name}"),
    )


_PATTERNS = {code: _compile(language) for code, language in _LANGUAGES.items()}
LANGUAGES = tuple(_PATTERNS)


def foreign_speech(text: str, start: int, end: int, quotation: tuple[int, int], language: str) -> Speech | None:
    """Return who speaks the quotation (its span with marks) in the sentence `text[start:end]`, None if nobody is named.

    The sentence is handed over with its quotations blanked out. Raises `KeyError` for a language not in `LANGUAGES`.
    """
    patterns = _PATTERNS[language]
    behind = patterns.inverted.match(text, quotation[1], min(end, quotation[1] + 200))
    match = behind or patterns.direct.match(text, start, quotation[0]) or patterns.source.search(text, start, end)
    if match is None:
        return None
    return Speech(match.start("who"), match.end("who"), None, match["verb"].lower(), match.start("verb"))
