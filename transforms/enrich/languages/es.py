"""Spanish."""

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

_BELOW_30 = """cero un dos tres cuatro cinco seis siete ocho nueve diez once doce trece catorce quince dieciséis
diecisiete
dieciocho diecinueve veinte veintiún veintidós veintitrés veinticuatro veinticinco veintiséis veintisiete veintiocho
veintinueve""".split()  # noqa: SIM905
_SMALL = {word: float(n) for n, word in enumerate(_BELOW_30)} | {
    "uno": 1.0, "una": 1.0, "veintiuno": 21.0, "veintiuna": 21.0, "treinta": 30.0, "cuarenta": 40.0, "cincuenta": 50.0,
    "sesenta": 60.0, "setenta": 70.0, "ochenta": 80.0, "noventa": 90.0, "cien": 100.0, "ciento": 100.0,
    "doscientos": 200.0, "doscientas": 200.0, "trescientos": 300.0, "trescientas": 300.0, "cuatrocientos": 400.0,
    "cuatrocientas": 400.0, "quinientos": 500.0, "quinientas": 500.0, "seiscientos": 600.0, "seiscientas": 600.0,
    "setecientos": 700.0, "setecientas": 700.0, "ochocientos": 800.0, "ochocientas": 800.0, "novecientos": 900.0,
    "novecientas": 900.0,
}  # fmt: skip

_NUMBERS = NumberWords(
    groups=".,\u00a0\u202f ",  # Spain writes 1.200,5 or 1 200,5, Mexico 1,200.5
    small=_SMALL,
    ones=words("un una uno"),
    hundreds=frozenset(),
    scales={
        "mil": 1e3, "millón": 1e6, "millones": 1e6, "billón": 1e12, "billones": 1e12, "mdd": 1e6,
    },
    crowds={
        "decenas": (20, 99), "docenas": (24, 99), "cientos": (200, 999), "centenares": (200, 999), "miles": (2e3, 9999),
        "millares": (2e3, 9999), "millones": (2e6, 9_999_999),
    },
    rounds={"decena": 10, "docena": 12, "quincena": 15, "veintena": 20, "treintena": 30, "centenar": 100,
    "millar": 1000},
    several={
        "varios": (3, 9), "varias": (3, 9), "algunos": (2, 5), "algunas": (2, 5), "unos pocos": (2, 5),
        "unas pocas": (2, 5),
    },
    halves=words("medio media"),
    parts={"tercio": 3, "tercios": 3, "cuarto": 4, "cuartos": 4, "quinto": 5, "quintos": 5},
    half=words("mitad"),
    ranks={},
    each=frozenset(),
    out_of=("de cada",),
    joins=words("y"),
    links=words("de"),
    or_=words("o"),
    to=words("a"),
    between="entre",
    minus=words("menos"),
)  # fmt: skip

_FIGURES = FigureWords(
    before={
        "al menos": "at_least", "por lo menos": "at_least", "no menos de": "at_least", "más de": "more_than",
        "menos de": "less_than", "casi": "nearly", "cerca de": "nearly", "unos": "about", "unas": "about",
        "aproximadamente": "about", "alrededor de": "about", "en torno a": "about", "hasta": "up_to",
        "como máximo": "at_most", "como mucho": "at_most", "como máximo a": "at_most", "un mínimo de": "at_least",
        "un máximo de": "at_most", "no más de": "at_most", "al menos a": "at_least", "a más de": "more_than",
        "a unos": "about", "a unas": "about",
    },
    plain=words("sólo solo otros otras apenas exactamente otro otra"),
    behind={"o más": "at_least", "como máximo": "at_most", "como mínimo": "at_least"},
    units=units(
        """
        percent: por ciento | % | por 100
        percentage point: punto porcentual | puntos porcentuales
        basis point: punto básico | puntos básicos
        second: segundo | segundos
        minute: minuto | minutos
        hour: hora | horas
        day: día | días
        week: semana | semanas
        month: mes | meses
        year: año | años
        decade: década | décadas
        km: km | kilómetro | kilómetros
        km/h: km/h | kilómetro por hora | kilómetros por hora
        meter: metro | metros
        cm: cm | centímetro | centímetros
        mm: mm | milímetro | milímetros
        mile: milla | millas
        hectare: hectárea | hectáreas
        km2: kilómetro cuadrado | kilómetros cuadrados | km²
        m2: metro cuadrado | metros cuadrados | m²
        m3: metro cúbico | metros cúbicos | m³
        litre: litro | litros
        barrel: barril | barriles
        tonne: tonelada | toneladas
        kg: kg | kilo | kilos | kilogramo | kilogramos
        gram: gramo | gramos
        kilowatt: kilovatio | kilovatios
        megawatt: megavatio | megavatios
        gigawatt: gigavatio | gigavatios
        kwh: kwh | kilovatio hora | kilovatios hora
        twh: teravatio hora | teravatios hora
        degree celsius: grado | grados | grados celsius | grados centígrados | °c | ° c
        """,
        {
            "euro": "EUR", "euros": "EUR", "€": "EUR", "céntimos": "EUR", "dólar": "USD", "dólares": "USD", "$": "USD",
            "dólares estadounidenses": "USD", "libras esterlinas": "GBP", "libras": "GBP", "yenes": "JPY",
            "rublos": "RUB",
            "yuanes": "CNY", "francos suizos": "CHF", "reales": "BRL", "soles": "PEN", "pesos": None,
            "bolívares": "VES",
            "pesos mexicanos": "MXN", "pesos argentinos": "ARS", "pesos colombianos": "COP", "pesos chilenos": "CLP",
            "guaraníes": "PYG", "quetzales": "GTQ", "lempiras": "HNL", "bolivianos": "BOB", "£": "GBP",
        },
    ),
    nouns="plural",
    adjectives=words("nuevos nuevas jóvenes grandes pequeños pequeñas primeros primeras otros otras antiguos"),
    participle_ends=("ados", "adas", "idos", "idas"),
    others=words("otros otras otro otra más"),
    of=words("de"),
    stops=words(
        """más menos tras los las sus unos unas desde después antes otros otras estos estas esos esas nuestros ellos
        ellas
        entonces además veces de del en el la a al y o que con por para se su es son era fue fueron han ha hasta sobre
        según entre durante ante contra sin bajo lunes martes miércoles jueves viernes meses cuales quienes"""
    ),
    auxiliaries=words("han fueron son siguen resultaron votaron quedaron murieron están estaban serán permanecen"),
    ands=words("y e"),
    prepositions=words("en por con contra desde durante tras antes después sobre bajo ante para"),
    changes=words(
        """subió sube bajó baja cayó cae creció crece alcanzó alcanza aumentó aumenta ascendió asciende perdió pierde
        ganó
        gana es era fue supera superó registró cuesta costó costará retrocedió avanzó situó redujo"""
    ),
    determiners=words("el la los las un una unos unas su sus este esta ese esa"),
    ages=words("edad"),
    age_nouns=words(
        """hombre mujer niño niña joven adolescente anciano anciana sospechoso víctima conductor conductora padre madre
        jubilado jubilada estudiante jugador jugadora menor ciudadano ciudadana persona hombres mujeres"""
    ),
    labels=words(
        """artículo sala vuelo capítulo página número nº núm resolución calle ruta carretera habitación andén línea
        grupo
        piso ibex agenda fase puerta nivel versión canal fórmula tipo autopista"""
    ),
    games=words(
        """ganó ganaron vence venció victoria derrota empate empató partido marcador perdió goleó gol goles final
        imposición
        impuso"""
    ),
    below_zero=("bajo cero",),
    magnitude=words("magnitud"),
)  # fmt: skip

_EVENTS = EventWords(
    states=table(
        killed="""muertos muertas muerto muerta murieron murió fallecidos fallecidas fallecieron falleció muertes
        cadáveres""",
        injured="heridos heridas herido herida lesionados",
        displaced="huido huyeron huyen refugiados desplazados desplazadas damnificados",
        missing="desaparecidos desaparecidas desaparecido desaparecida",
        infected="contagios contagiados infecciones",
        protested="manifestantes marcharon protestaron manifestaron",
        kidnapped="rehenes",
    ),
    deeds=table(
        killed="mató mataron matar matando asesinó asesinaron",
        injured="hirió hirieron hiriendo",
        displaced="desplazó desplazaron",
        arrested="arrestó arrestaron",
        detained="detuvo detuvieron",
        infected="infectó infectaron",
        kidnapped="secuestró secuestraron",
        rescued="rescató rescataron",
        released="liberó liberaron",
        destroyed="destruyó destruyeron",
        damaged="dañó dañaron",
    ),
    participles=table(
        killed="matado asesinado asesinados asesinada asesinadas abatidos",
        displaced="evacuado evacuados evacuada evacuadas",
        arrested="arrestado arrestados arrestada arrestadas",
        detained="detenido detenidos detenida detenidas",
        infected="infectado infectados infectada infectadas",
        kidnapped="secuestrado secuestrados secuestrada secuestradas",
        rescued="rescatado rescatados rescatada rescatadas",
        released="liberado liberados liberada liberadas",
        destroyed="destruido destruidos destruida destruidas",
        damaged="dañado dañados dañada dañadas",
        closed="cerrados cerradas cerrado cerrada",
    ),
    have=words("ha han había habían haber habrá habrán"),
    sentence=words("condenó condenado condenada condenados condenaron"),
)

_DATES = DateWords(
    months={
        "enero": 1, "febrero": 2, "marzo": 3, "abril": 4, "mayo": 5, "junio": 6, "julio": 7, "agosto": 8,
        "septiembre": 9, "setiembre": 9, "octubre": 10, "noviembre": 11, "diciembre": 12,
    },
    weekdays={
        "lunes": 0, "martes": 1, "miércoles": 2, "jueves": 3, "viernes": 4, "sábado": 5, "domingo": 6,
    },
    near={"anteayer": -2, "ayer": -1, "hoy": 0, "mañana": 1},
    units={
        "día": "day", "días": "day", "semana": "week", "semanas": "week", "mes": "month", "meses": "month",
        "año": "year",
        "años": "year", "décadas": "decade",
    },
    day_month=r"{day}\sde\s{month}(?:\sdel?\s{year})?",
    month_year=r"{month}\sdel?\s{year}",
    in_month=r"(?<=\b[Ee]n\s){month}",
    in_year=r"(?<=\b[Ee]n\s){year}|(?<=[Dd]esde\s){year}|(?<=\baño\s){year}|(?<=\ben\s){year}|(?<=\bque\sen\s){year}",
    ago=r"hace\s{count}\s{unit}",
    weekday=r"(?:(?:{next})\s)?{weekday}(?:\s(?:{last}))?",
    last="pasado",
    next="próximo",
    turns=(
        (r"la\ssemana\spasada|la\spasada\ssemana", "week", -1),
        (r"esta\ssemana", "week", 0),
        (r"la\spróxima\ssemana|la\ssemana\spróxima", "week", 1),
        (r"el\smes\spasado|el\spasado\smes", "month", -1),
        (r"este\smes", "month", 0),
        (r"el\spróximo\smes", "month", 1),
        (r"el\saño\spasado|el\spasado\saño", "year", -1),
        (r"este\saño", "year", 0),
        (r"el\spróximo\saño|el\saño\spróximo", "year", 1),
    ),
    open=r"en\slos\súltimos\s(?:días|meses|años)|en\slas\súltimas\ssemanas",
    clock=r"\d{1,2}[:.]\d{2}(?:\s?(?:horas|h\b))|\d{1,2}:\d{2}|\d{1,2}\s?h\b|\d{1,2}/\d{1,2}/\d{2,4}",
    future=r"\b(?:será|serán|habrá|tendrá|va\sa|van\sa|debe|prevé)\b",
)  # fmt: skip

_WEEKDAYS = "lunes|martes|miércoles|jueves|viernes|sábado|domingo"
_SPEECH = SpeechWords(
    verbs="""dijo|dice|explicó|explica|aseguró|asegura|afirmó|afirma|advirtió|advierte|señaló|señala|declaró|declara|añadió
        |añade|indicó|indica|sostuvo|reconoció|lamentó|criticó|destacó|subrayó|apuntó|insistió|respondió|escribió
        |contó|cuenta|relató|denunció|manifestó|expresó|comentó|concluyó|agregó|dijeron|aseguraron""",
    auxiliary=r"(?:ha\s)?",
    source="según|de acuerdo con",
    stops=rf"""en|al|a|sobre|durante|tras|este|esta|ante|que|y|por|para|desde|hoy|ayer|(?:el|este)\s(?:{_WEEKDAYS})""",
)

LANGUAGE = Language(numbers=_NUMBERS, figures=_FIGURES, events=_EVENTS, dates=_DATES, speech=_SPEECH)
