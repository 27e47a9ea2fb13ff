"""German."""

from transforms.enrich.amounts.units import Unit, unit_named
from transforms.enrich.languages.tables import (
    DateWords,
    EventWords,
    FigureWords,
    Language,
    NumberWords,
    SpeechWords,
    table,
    units,
)
from transforms.enrich.reading.words import words

_ONES = ("ein", "zwei", "drei", "vier", "fünf", "sechs", "sieben", "acht", "neun")
_TEENS = """zehn elf zwölf dreizehn vierzehn fünfzehn sechzehn siebzehn achtzehn neunzehn""".split()  # noqa: SIM905
_TENS = {
    "zwanzig": 20, "dreißig": 30, "vierzig": 40, "fünfzig": 50, "sechzig": 60, "siebzig": 70, "achtzig": 80,
    "neunzig": 90,
}  # fmt: skip


def _small() -> dict[str, float]:
    """Return the words below 100,000 that are written as one: fünfundzwanzig, zweihundert, dreitausend."""
    below = {word: float(n) for n, word in enumerate(_ONES, start=1)}
    below |= {word: float(n) for n, word in enumerate(_TEENS, start=10)} | {word: float(n) for word, n in _TENS.items()}
    below |= {f"{one}und{tens}": n + k for tens, n in _TENS.items() for k, one in enumerate(_ONES, start=1)}
    hundreds = {f"{one}hundert": 100.0 * k for k, one in enumerate(_ONES, start=1)}
    thousands = {f"{word}tausend": 1000 * n for word, n in below.items()}
    return below | hundreds | thousands | {"null": 0.0, "eineinhalb": 1.5, "anderthalb": 1.5, "zweieinhalb": 2.5}


_NUMBERS = NumberWords(
    groups=".'’\u00a0\u202f",
    small=_small(),
    ones=words("ein eine einem einen einer eines"),
    hundreds=words("hundert"),
    scales={
        "hundert": 1e2, "tausend": 1e3, "million": 1e6, "millionen": 1e6, "milliarde": 1e9, "milliarden": 1e9,
        "billion": 1e12, "billionen": 1e12, "mio": 1e6, "mrd": 1e9, "dutzend": 12,
    },
    crowds={
        "dutzende": (24, 99), "dutzenden": (24, 99), "hunderte": (200, 999), "hunderten": (200, 999),
        "tausende": (2e3, 9999), "tausenden": (2e3, 9999), "zehntausende": (2e4, 99999), "zehntausenden": (2e4, 99999),
        "hunderttausende": (2e5, 999999), "hunderttausenden": (2e5, 999999),
    },
    rounds={},
    several={"mehrere": (3, 9), "mehreren": (3, 9), "einige": (3, 9), "einigen": (3, 9), "ein paar": (2, 5)},
    halves=words("halbe halben halber"),
    parts={"drittel": 3, "viertel": 4, "fünftel": 5, "sechstel": 6, "achtel": 8, "zehntel": 10},
    half=words("hälfte"),
    ranks={"zweite": 2, "dritte": 3, "vierte": 4, "fünfte": 5, "sechste": 6, "siebte": 7, "achte": 8, "zehnte": 10},
    each=words("jeder jede jedes jedem jeden"),
    out_of=("von",),
    or_=words("oder"),
    to=words("bis"),
    between="zwischen",
    minus=words("minus"),
)  # fmt: skip

_FIGURES = FigureWords(
    before={
        "mindestens": "at_least", "wenigstens": "at_least", "zumindest": "at_least", "mehr als": "more_than",
        "über": "more_than", "weit über": "more_than", "weit mehr als": "more_than", "weniger als": "less_than",
        "unter": "less_than", "fast": "nearly", "nahezu": "nearly", "knapp": "nearly", "beinahe": "nearly",
        "annähernd": "nearly", "rund": "about", "etwa": "about", "ungefähr": "about", "circa": "about",
        "ca": "about", "gut": "more_than", "schätzungsweise": "about", "im schnitt": "about",
        "durchschnittlich": "about", "bis zu": "up_to", "höchstens": "at_most", "maximal": "at_most",
        "nicht mehr als": "at_most", "gegen": "about",
    },
    plain=words("aber nur weitere weiteren insgesamt genau lediglich erst noch bereits"),
    behind={"oder mehr": "at_least", "oder weniger": "at_most"},
    units=units(
        """
        percent: prozent | % | v. h
        percentage point: prozentpunkt | prozentpunkte | prozentpunkten
        basis point: basispunkt | basispunkte | basispunkten
        second: sekunde | sekunden
        minute: minute | minuten
        hour: stunde | stunden
        day: tag | tage | tagen
        week: woche | wochen
        month: monat | monate | monaten
        year: jahr | jahre | jahren
        decade: jahrzehnt | jahrzehnte | jahrzehnten
        km: km | kilometer | kilometern
        km/h: km/h | kilometer pro stunde | kilometern pro stunde | stundenkilometer | stundenkilometern
        meter: meter | metern
        cm: cm | zentimeter | zentimetern
        mm: mm | millimeter | millimetern
        mile: meile | meilen
        hectare: hektar
        km2: quadratkilometer | quadratkilometern | km²
        m2: quadratmeter | quadratmetern | m²
        m3: kubikmeter | kubikmetern | m³
        litre: liter | litern
        barrel: barrel
        tonne: tonne | tonnen
        kg: kg | kilogramm | kilo
        gram: gramm
        kilowatt: kilowatt
        megawatt: megawatt
        gigawatt: gigawatt
        kwh: kwh | kilowattstunde | kilowattstunden
        twh: terawattstunde | terawattstunden
        degree celsius: grad | grad celsius | °c | ° c
        """,
        {
            "euro": "EUR", "€": "EUR", "cent": "EUR", "dollar": "USD", "us-dollar": "USD", "us dollar": "USD",
            "$": "USD",
            "franken": "CHF", "schweizer franken": "CHF", "pfund": "GBP", "britische pfund": "GBP", "yen": "JPY",
            "rubel": "RUB", "yuan": "CNY", "lira": "TRY", "türkische lira": "TRY", "zloty": "PLN", "rupien": "INR",
            "£": "GBP",
        },
    ),
    nouns="capital",
    adjectives=words("e en er es"),
    participle_ends=(),
    others=words("weitere weiteren andere anderen"),
    of=words("der des von ihnen davon"),
    stops=words(
        """wurden werden worden waren sind seien haben hatten kamen starben starb gingen konnten können mussten müssen
        sollen sollten wollen wollten würden in an auf aus bei mit nach seit vor zu im am zum zur der die das den dem
        des
        und oder als von für um bis durch gegen ohne über unter hinter neben zwischen nahe seine seiner ihre ihrer einer
        eine keine keiner alle dieser diese oder später aber weder"""
    ),
    auxiliaries=words("wurden wurde werden waren sind seien haben hatten kamen starben stimmten gelten"),
    ands=words("und sowie"),
    prepositions=words("in an auf aus bei mit nach seit vor im am zum zur gegen durch binnen innerhalb während von"),
    changes=words(
        """stieg steigt stiegen sank sinkt sanken fiel fällt fielen kletterte lag liegt lagen beträgt betrug betrugen
        erreichte erreicht verlor verloren gewann legte wuchs schrumpfte kostet kostete kosten"""
    ),
    determiners=words("der die das den dem des ein eine einen einem einer sein seine ihr ihre"),
    ages=words("alter alt"),
    age_nouns=frozenset(),
    labels=words(
        """artikel paragraf paragraph § nr nummer raum zimmer flug resolution kapitel seite absatz gleis linie dax
        mdax sap
        bundesstraße autobahn etage gruppe stufe phase agenda tor halle formel typ version platz klasse bahn kanal"""
    ),
    games=words(
        """gewann gewannen gewinnt siegte siegten sieg spiel verlor verloren unentschieden tor tore führte führten
        endstand
        niederlage halbzeit schlug schlugen partie besiegte trennten remis"""
    ),
    below_zero=("unter null",),
    magnitude=words("stärke magnitude"),
    adjective_units={
        "jährig": Unit("age", "a", 31_557_600.0, "s"), "monatig": unit_named("month"), "wöchig": unit_named("week"),
        "tägig": unit_named("day"), "stündig": unit_named("hour"), "minütig": unit_named("minute"),
        "prozentig": unit_named("percent"),
    },
)  # fmt: skip

_EVENTS = EventWords(
    states=table(
        killed="Tote Toten Todesopfer Todesfälle Leichen Leichname starben starb tot ums umgekommen gestorben Getötete",
        injured="Verletzte Verletzten Verwundete Verwundeten",
        displaced="flohen fliehen geflohen geflüchtet Flüchtlinge Vertriebene obdachlos flüchteten",
        missing="Vermisste Vermissten vermisst",
        arrested="Festnahmen Verhaftungen",
        infected="Infizierte Infektionen Neuinfektionen",
        protested="Demonstranten demonstrierten protestierten demonstriert protestiert",
        kidnapped="Geiseln",
    ),
    deeds=table(
        killed="tötete töteten ermordete ermordeten erschoss erschossen töten töte forderte forderten",
        injured="verletzte verletzten verwundete verwundeten",
        displaced="vertrieb vertrieben",
        arrested="verhaftete verhafteten",
        infected="infizierte infizierten",
        kidnapped="entführte entführten verschleppte verschleppten",
        rescued="rettete retteten",
        released="befreite befreiten",
        destroyed="zerstörte zerstörten",
        damaged="beschädigte beschädigten",
    ),
    participles=table(
        killed="getötet ermordet erschossen",
        injured="verletzt verwundet",
        displaced="vertrieben evakuiert",
        arrested="festgenommen verhaftet",
        detained="inhaftiert",
        infected="infiziert",
        kidnapped="entführt verschleppt",
        rescued="gerettet geborgen",
        released="freigelassen befreit",
        destroyed="zerstört",
        damaged="beschädigt",
        closed="geschlossen gesperrt",
    ),
    pairs=(
        (words("nahm nahmen nimmt nehmen"), words("fest"), "arrested"),
        (words("ließ ließen lässt lassen"), words("frei"), "released"),
        (words("kam kamen"), words("ums"), "killed"),
    ),
    sentence=words("verurteilt verurteilte verurteilten"),
)

_DATES = DateWords(
    months={
        "januar": 1, "jänner": 1, "februar": 2, "märz": 3, "april": 4, "mai": 5, "juni": 6, "juli": 7, "august": 8,
        "september": 9, "oktober": 10, "november": 11, "dezember": 12,
    },
    weekdays={
        "montag": 0, "dienstag": 1, "mittwoch": 2, "donnerstag": 3, "freitag": 4, "samstag": 5, "sonnabend": 5,
        "sonntag": 6,
    },
    near={"vorgestern": -2, "gestern": -1, "heute": 0, "morgen": 1, "übermorgen": 2},
    units={
        "tag": "day", "tagen": "day", "woche": "week", "wochen": "week", "monat": "month", "monaten": "month",
        "jahr": "year", "jahren": "year", "jahrzehnten": "decade",
    },
    day_month=r"{day}\.\s{month}(?:\s{year})?",
    month_year=r"{month}\s{year}",
    in_month=r"(?<=\b[Ii]m\s)(?:vergangenen\s)?{month}",
    in_year=r"(?<=[Jj]ahr\s){year}|(?<=[Ss]eit\s){year}|(?<=[Ii]n\s){year}|(?<=\b[Bb]is\s){year}",
    ago=r"vor\s{count}\s{unit}",
    weekday=r"(?:{last}\s|{next}\s)?{weekday}(?:abend|nachmittag|vormittag|nacht)?",
    last="vergangenen|letzten|vorigen",
    next="kommenden|nächsten",
    turns=(
        (r"(?:vergangene|letzte|vorige)n?\sWoche", "week", -1),
        (r"diese[rn]?\sWoche", "week", 0),
        (r"(?:kommende|nächste)n?\sWoche", "week", 1),
        (r"(?:vergangenen|letzten|vorigen)\sMonats?", "month", -1),
        (r"diese[nms]\sMonat", "month", 0),
        (r"(?:kommenden|nächsten)\sMonat", "month", 1),
        (r"(?:vergangene[ns]|letzte[ns]|vorige[ns])\sJahr(?:es)?|Vorjahr", "year", -1),
        (r"diese[ms]\sJahr(?:es)?", "year", 0),
        (r"(?:kommende|nächste)[ns]\sJahr", "year", 1),
    ),
    open=r"in\sden\s(?:vergangenen|letzten)\s(?:Tagen|Wochen|Monaten|Jahren)",
    clock=r"\d{1,2}(?:[.:]\d{2})?\sUhr|\d{1,2}\.\s?\d{1,2}\.(?:\s?\d{2,4})?(?!\d)",
    future=r"\b(?:wird|werden|soll|sollen|will|wollen)\b",
)  # fmt: skip

_SPEECH = SpeechWords(
    verbs="""sagte|sagt|sagten|erklärte|erklärt|erklärten|betonte|betont|warnte|warnt|warnten|kritisierte|kritisiert|meinte
        |meint|teilte|teilten|berichtete|berichteten|fügte|forderte|fordert|forderten|bekräftigte|kündigte|räumte
        |lobte|mahnte|mahnt|schrieb|schreibt|behauptete|versicherte|fragte|fragt|antwortete|so|ergänzte|klagte|hieß""",
    auxiliary="",
    source="laut|zufolge|nach Angaben von|nach Angaben der",
    stops="""am|im|in|vom|von dem|nach|vor|bei|beim|gegenüber|über|zu|zum|zur|auf|mit|an|dass|und|aus|während|als|heute
        |gestern|dem|den|ein|hinzu|der Nachrichtenagentur|es|sich|sind|ist|wurden|wurde|haben|hat|starben|kamen""",
)

LANGUAGE = Language(numbers=_NUMBERS, figures=_FIGURES, events=_EVENTS, dates=_DATES, speech=_SPEECH)
