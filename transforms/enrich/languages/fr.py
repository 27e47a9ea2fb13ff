"""French."""

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

_BELOW_20 = """zéro un deux trois quatre cinq six sept huit neuf dix onze douze treize quatorze quinze seize dix-sept
dix-huit dix-neuf""".split()  # noqa: SIM905
_TENS = {"vingt": 20, "trente": 30, "quarante": 40, "cinquante": 50, "soixante": 60}


def _small() -> dict[str, float]:
    """Return the words below 100, with those of twenties (quatre-vingt-dix) and of Belgium and Switzerland."""
    small = {word: float(n) for n, word in enumerate(_BELOW_20)}
    for tens, value in _TENS.items():
        small |= {f"{tens}-{word}": value + n for word, n in list(small.items()) if 1 < n < 10}
        small |= {tens: float(value), f"{tens}-et-un": value + 1.0}
    small |= {f"soixante-{_BELOW_20[n]}": 60.0 + n for n in range(10, 20)} | {"soixante-et-onze": 71.0}
    small |= {f"quatre-vingt-{_BELOW_20[n]}": 80.0 + n for n in range(1, 20)}
    return small | {"quatre-vingts": 80.0, "quatre-vingt": 80.0, "septante": 70.0, "huitante": 80.0, "nonante": 90.0}


_NUMBERS = NumberWords(
    groups=". \u00a0\u202f",
    small=_small(),
    ones=words("un une"),
    hundreds=words("cent cents"),
    scales={
        "cent": 1e2, "cents": 1e2, "mille": 1e3, "million": 1e6, "millions": 1e6, "milliard": 1e9, "milliards": 1e9,
        "md": 1e9, "mds": 1e9, "billion": 1e12, "billions": 1e12,
    },
    crowds={
        "dizaines": (20, 99), "douzaines": (24, 99), "centaines": (200, 999), "milliers": (2e3, 9999),
        "millions": (2e6, 9_999_999), "milliards": (2e9, 9_999_999_999),
    },
    rounds={
        "dizaine": 10, "douzaine": 12, "quinzaine": 15, "vingtaine": 20, "trentaine": 30, "quarantaine": 40,
        "cinquantaine": 50, "soixantaine": 60, "centaine": 100, "millier": 1000,
    },
    several={"plusieurs": (3, 9), "quelques": (2, 5)},
    halves=words("demi demi-"),
    parts={"tiers": 3, "quart": 4, "quarts": 4, "cinquième": 5, "cinquièmes": 5, "dixième": 10, "dixièmes": 10},
    half=words("moitié"),
    ranks={},
    each=frozenset(),
    out_of=("sur",),
    around_noun=words("sur"),
    joins=words("et"),
    links=words("de d' d’"),
    or_=words("ou"),
    to=words("à"),
    between="entre",
    minus=words("moins"),
)  # fmt: skip

_FIGURES = FigureWords(
    before={
        "au moins": "at_least", "pas moins de": "at_least", "plus de": "more_than", "plus d'": "more_than",
        "plus d’": "more_than", "moins de": "less_than", "moins d'": "less_than", "moins d’": "less_than",
        "près de": "nearly", "près d'": "nearly", "près d’": "nearly", "presque": "nearly", "quasiment": "nearly",
        "environ": "about", "quelque": "about", "autour de": "about", "à peu près": "about",
        "approximativement": "about",
        "jusqu'à": "up_to", "jusqu’à": "up_to", "jusqu' à": "up_to", "jusqu’ à": "up_to", "au maximum": "at_most",
        "au plus": "at_most", "maximum": "at_most", "un minimum de": "at_least", "un maximum de": "at_most",
        "pas plus de": "at_most",
    },
    plain=words("seulement exactement encore autres"),
    behind={"ou plus": "at_least", "au moins": "at_least", "environ": "about", "au maximum": "at_most"},
    units=units(
        """
        percent: pour cent | % | pourcents
        percentage point: point de pourcentage | points de pourcentage
        basis point: point de base | points de base
        second: seconde | secondes
        minute: minute | minutes
        hour: heure | heures
        day: jour | jours | journée | journées
        week: semaine | semaines
        month: mois
        year: an | ans | année | années
        decade: décennie | décennies
        km: km | kilomètre | kilomètres
        km/h: km/h | kilomètre par heure | kilomètres par heure | kilomètres à l'heure | kilomètres à l’heure
        meter: mètre | mètres
        cm: cm | centimètre | centimètres
        mm: mm | millimètre | millimètres
        mile: mile | miles
        hectare: hectare | hectares | ha
        km2: kilomètre carré | kilomètres carrés | km²
        m2: mètre carré | mètres carrés | m²
        m3: mètre cube | mètres cubes | m³
        litre: litre | litres
        barrel: baril | barils
        tonne: tonne | tonnes
        kg: kg | kilo | kilos | kilogramme | kilogrammes
        gram: gramme | grammes
        kilowatt: kilowatt | kilowatts
        megawatt: mégawatt | mégawatts
        gigawatt: gigawatt | gigawatts
        kwh: kwh | kilowattheure | kilowattheures
        twh: térawattheure | térawattheures
        degree celsius: degré | degrés | degrés celsius | °c | ° c
        """,
        {
            "euro": "EUR", "euros": "EUR", "€": "EUR", "centimes": "EUR", "dollar": "USD", "dollars": "USD", "$": "USD",
            "dollars américains": "USD", "dollars canadiens": "CAD", "livres sterling": "GBP", "livre sterling": "GBP",
            "yens": "JPY", "roubles": "RUB", "yuans": "CNY", "francs suisses": "CHF", "francs cfa": "XOF",
            "francs": None, "livres turques": "TRY", "dirhams": None, "dinars": None, "£": "GBP",
        },
    ),
    nouns="plural",
    adjectives=words(
        """nouveaux nouvelles jeunes grands grandes petits petites autres anciens anciennes premiers
        premières"""
    ),
    participle_ends=("és", "ées"),
    passive=("ées",),
    others=words("autres autre"),
    of=words("de d' d’ des du"),
    stops=words(
        """ans mais puis plus moins très sans sous dans depuis hors alors vers chez lors après ses les des ces nos vos
        leurs
        mes tes aux nous vous ils elles pas jamais toujours près dès dont qui que et ou à au en sur par pour avec ne
        se il
        elle on est sont ont était étaient sera seront fois contre selon entre avant pendant parmi hier lesquels
        lesquelles"""
    ),
    auxiliaries=words("ont sont avaient étaient seront auront resteraient sera"),
    ands=words("et ainsi"),
    prepositions=words("dans en sur par pour avec contre lors après avant pendant depuis durant sous"),
    changes=words(
        """atteint atteignait augmenté augmente baissé baisse reculé recule progressé progresse bondi chuté grimpé monté
        monte élevait élève établit établissait représente coûte coûtera coûté perdu gagné est était passe passé dépasse
        dépassé"""
    ),
    determiners=words("le la les l' l’ un une des du ce cette ces son sa ses leur leurs"),
    ages=words("âgé âgée âgés âgées âge"),
    age_nouns=words(
        """homme femme garçon fille jeune adolescent adolescente enfant suspect victime conducteur conductrice père mère
        retraité retraitée ressortissant étudiant étudiante joueur joueuse individu personne hommes femmes"""
    ),
    labels=words(
        """article salle vol chapitre page numéro n° no résolution alinéa rue route chambre quai ligne groupe étage cac
        autoroute phase porte niveau version agenda canal formule type"""
    ),
    games=words(
        """imposé imposée imposés gagné battu battue bat victoire défaite nul match score perdu menait menaient mène
        but buts
        finale inclinés incliné inclinée"""
    ),
    below_zero=("sous zéro", "au-dessous de zéro"),
    magnitude=words("magnitude"),
)  # fmt: skip

_EVENTS = EventWords(
    states=table(
        killed="morts mortes mort morte décès décédés décédées décédé péri meurent mouraient cadavres",
        injured="blessés blessées",
        displaced="fui fuient réfugiés déplacés déplacées sans-abri",
        missing="disparus disparues disparu disparue",
        infected="infections contaminations",
        protested="manifestants défilé manifesté manifestaient défilaient",
        kidnapped="otages otage",
    ),
    deeds=table(
        killed="tuant tue tuent tua tuaient",
        injured="blessant blessent blessait",
        displaced="déplaçant déplacent",
        arrested="arrête arrêtent interpelle interpellent",
        destroyed="détruit détruisant détruisent",
        released="libérant libère libèrent",
        kidnapped="enlevant enlèvent kidnappent",
        rescued="sauvant sauvent",
    ),
    participles=table(
        killed="tué tués tuée tuées assassiné assassinés assassinée assassinées abattu abattus",
        injured="blessé blessée",
        displaced="évacué évacués évacuée évacuées chassé chassés chassées",
        arrested="arrêté arrêtés arrêtée arrêtées interpellé interpellés interpellée interpellées",
        detained="détenu détenus détenues incarcéré incarcérés",
        infected="infecté infectés infectée infectées contaminé contaminés contaminées",
        kidnapped="enlevé enlevés enlevée enlevées kidnappé kidnappés",
        rescued="secouru secourus secourue secourues sauvé sauvés sauvées",
        released="libéré libérés libérée libérées relâché relâchés",
        destroyed="détruits détruite détruites",
        damaged="endommagé endommagés endommagée endommagées",
        closed="fermés fermées fermé fermée",
    ),
    have=words("a ont avait avaient ayant avoir aura auront"),
    sentence=words("condamné condamnée condamnés condamnées"),
)

_DATES = DateWords(
    months={
        "janvier": 1, "février": 2, "mars": 3, "avril": 4, "mai": 5, "juin": 6, "juillet": 7, "août": 8, "septembre": 9,
        "octobre": 10, "novembre": 11, "décembre": 12,
    },
    weekdays={"lundi": 0, "mardi": 1, "mercredi": 2, "jeudi": 3, "vendredi": 4, "samedi": 5, "dimanche": 6},
    near={"avant-hier": -2, "hier": -1, "aujourd'hui": 0, "aujourd’hui": 0, "demain": 1, "après-demain": 2},
    units={
        "jour": "day", "jours": "day", "semaine": "week", "semaines": "week", "mois": "month", "an": "year",
        "ans": "year",
        "décennies": "decade",
    },
    day_month=r"{day}(?:er)?\s{month}(?:\s{year})?",
    month_year=r"{month}\s{year}",
    in_month=r"(?<=\b[Ee]n\s){month}",
    in_year=r"(?<=\b[Ee]n\s){year}|(?<=[Dd]epuis\s){year}|(?<=\bfin\s){year}|(?<=\bdébut\s){year}",
    ago=r"il\sy\sa\s{count}\s{unit}",
    weekday=r"{weekday}(?:\s(?:{last}|{next}))?",
    last="dernier|passé",
    next="prochain",
    turns=(
        (r"la\ssemaine\s(?:dernière|passée)", "week", -1),
        (r"cette\ssemaine", "week", 0),
        (r"la\ssemaine\sprochaine", "week", 1),
        (r"le\smois\s(?:dernier|passé)", "month", -1),
        (r"ce\smois-ci", "month", 0),
        (r"le\smois\sprochain", "month", 1),
        (r"l['’]an\s(?:dernier|passé)|l['’]année\s(?:dernière|passée)", "year", -1),
        (r"cette\sannée", "year", 0),
        (r"l['’]an\sprochain|l['’]année\sprochaine", "year", 1),
    ),
    open=r"ces\sderni(?:er|ère)s\s(?:jours|semaines|mois|années)",
    clock=r"\d{1,2}\s?[hH]\s?\d{0,2}(?!\w)|\d{1,2}\sheures\s\d{2}|\d{1,2}/\d{1,2}/\d{2,4}|\d{1,2}:\d{2}",
    future=r"\b(?:aura|auront|sera|seront|doit|doivent|devrait|devraient|va|vont)\b",
)  # fmt: skip

_SPEECH = SpeechWords(
    verbs="""déclaré|affirmé|expliqué|dit|ajouté|assuré|prévenu|estimé|indiqué|précisé|souligné|répondu|lancé|écrit|regretté
        |dénoncé|confié|raconté|explique|affirme|assure|déclare|ajoute|estime|prévient|indique|précise|souligne|répond
        |lance|écrit|regrette|dénonce|confie|raconte|conclut|résume|martèle|témoigne|avertit""",
    auxiliary=r"(?:(?:a|ont|avait|s'est)\s)?",
    source="selon|d'après",
    stops="""à|au|aux|dans|lors|sur|devant|après|avant|lundi|mardi|mercredi|jeudi|vendredi|samedi|dimanche|en|qui|que|et
        |pour|par|ce|hier|chez""",
)

LANGUAGE = Language(numbers=_NUMBERS, figures=_FIGURES, events=_EVENTS, dates=_DATES, speech=_SPEECH)
