"""Units behind a number: percent, money (ISO 4217), durations and measures (UCUM) with their SI base."""

from typing import NamedTuple

from transforms.elements import FigureKind
from transforms.enrich.reading.tokens import Token
from transforms.enrich.reading.words import words


class Unit(NamedTuple):
    """A unit: `code` is ISO 4217 or UCUM; value in `base` = value * `factor` + `offset`. `code` None: not decided."""

    kind: FigureKind
    code: str | None
    factor: float | None = None
    base: str | None = None
    offset: float = 0.0


# UCUM: a Julian year has 365.25 days, a month is a twelfth of it (https://ucum.org/ucum, table 5).
_YEAR_S = 31_557_600.0
_DURATIONS = {
    "second": ("s", 1.0),
    "minute": ("min", 60.0),
    "hour": ("h", 3_600.0),
    "day": ("d", 86_400.0),
    "week": ("wk", 604_800.0),
    "fortnight": ("2.wk", 1_209_600.0),
    "month": ("mo", _YEAR_S / 12),
    "year": ("a", _YEAR_S),
    "decade": ("10.a", 10 * _YEAR_S),
    "century": ("100.a", 100 * _YEAR_S),
    "sec": ("s", 1.0),
    "min": ("min", 60.0),
    "hr": ("h", 3_600.0),
    "yr": ("a", _YEAR_S),
}
# names -> (UCUM code, factor, base unit); "ton" is the American short ton of agency style, "metric ton" is said.
_MEASURES: tuple[tuple[str, str, float, str], ...] = (
    ("km|kilometer|kilometre|kms", "km", 1e3, "m"),
    ("m|meter|metre", "m", 1.0, "m"),
    ("cm|centimeter|centimetre", "cm", 1e-2, "m"),
    ("mm|millimeter|millimetre", "mm", 1e-3, "m"),
    ("mile|mi", "[mi_i]", 1609.344, "m"),
    ("nautical mile", "[nmi_i]", 1852.0, "m"),
    ("yard|yd", "[yd_i]", 0.9144, "m"),
    ("foot|feet|ft", "[ft_i]", 0.3048, "m"),
    ("inch|inches", "[in_i]", 0.0254, "m"),
    ("light-year|light year", "[ly]", 9.4607304725808e15, "m"),
    ("hectare|ha", "har", 1e4, "m2"),
    ("acre", "[acr_us]", 4046.872609874252, "m2"),
    ("square kilometer|square kilometre|sq km|km²|km2", "km2", 1e6, "m2"),
    ("square meter|square metre|sq m|m²|m2|sqm", "m2", 1.0, "m2"),
    ("square mile|sq mile", "[mi_i]2", 2589988.110336, "m2"),
    ("square foot|square feet|sq ft|sqft", "[ft_i]2", 0.09290304, "m2"),
    ("cubic meter|cubic metre|m³|m3", "m3", 1.0, "m3"),
    ("cubic foot|cubic feet", "[ft_i]3", 0.028316846592, "m3"),
    ("litre|liter|l", "L", 1e-3, "m3"),
    ("gallon", "[gal_us]", 0.003785411784, "m3"),
    ("barrel", "[bbl_us]", 0.158987294928, "m3"),
    ("kg|kilogram|kilogramme|kilo|kgs", "kg", 1.0, "kg"),
    ("gram|gramme|g", "g", 1e-3, "kg"),
    ("mg|milligram", "mg", 1e-6, "kg"),
    ("tonne|metric ton|t", "t", 1e3, "kg"),
    ("kiloton", "kt", 1e6, "kg"),
    ("ton|short ton", "[ston_av]", 907.18474, "kg"),
    ("pound|lb|lbs", "[lb_av]", 0.45359237, "kg"),
    ("ounce|oz", "[oz_av]", 0.028349523125, "kg"),
    ("mph|mile per hour|mile an hour", "[mi_i]/h", 0.44704, "m/s"),
    (
        "km/h|km per hour|km an hour|kph|kmh|kilometer per hour|kilometre per hour|kilometer an hour",
        "km/h",
        1 / 3.6,
        "m/s",
    ),
    ("knot", "[kn_i]", 1852 / 3600, "m/s"),
    ("watt|w", "W", 1.0, "W"),
    ("kilowatt|kw", "kW", 1e3, "W"),
    ("megawatt|mw", "MW", 1e6, "W"),
    ("gigawatt|gw", "GW", 1e9, "W"),
    ("horsepower|hp", "[HP]", 745.69987158227, "W"),
    ("kwh|kilowatt-hour|kilowatt hour", "kW.h", 3.6e6, "J"),
    ("mwh|megawatt-hour|megawatt hour", "MW.h", 3.6e9, "J"),
    ("gwh|gigawatt-hour|gigawatt hour", "GW.h", 3.6e12, "J"),
    ("twh|terawatt-hour|terawatt hour", "TW.h", 3.6e15, "J"),
    ("volt|v", "V", 1.0, "V"),
    ("hertz|hz", "Hz", 1.0, "Hz"),
    ("mhz|megahertz", "MHz", 1e6, "Hz"),
    ("ghz|gigahertz", "GHz", 1e9, "Hz"),
    ("megabyte|mb", "MBy", 1e6, "By"),
    ("gigabyte|gb", "GBy", 1e9, "By"),
    ("terabyte|tb", "TBy", 1e12, "By"),
    ("part per million|ppm", "[ppm]", 1e-6, "1"),
    ("part per billion|ppb", "[ppb]", 1e-9, "1"),
    ("calorie", "[Cal]", 4184.0, "J"),
    ("decibel|db", "dB", 1.0, "dB"),
)
_CURRENCY_SIGNS = {
    "$": "USD", "us$": "USD", "u.s.$": "USD", "a$": "AUD", "au$": "AUD", "c$": "CAD", "ca$": "CAD", "nz$": "NZD",
    "hk$": "HKD", "s$": "SGD", "nt$": "TWD", "mx$": "MXN", "r$": "BRL", "j$": "JMD", "n$": "NAD", "€": "EUR",
    "£": "GBP", "¥": "JPY", "₹": "INR", "rs": "INR", "rs.": "INR", "₩": "KRW", "₦": "NGN", "₱": "PHP", "฿": "THB",
    "₪": "ILS", "₽": "RUB", "₫": "VND", "₺": "TRY", "₴": "UAH", "₡": "CRC", "₵": "GHS", "gh₵": "GHS", "gh¢": "GHS",
    "rmb": "CNY", "rm": "MYR", "tk": "BDT", "dh": "AED", "dhs": "AED", "ksh": "KES", "sh": "KES",
}  # fmt: skip
_CURRENCY_WORDS: dict[str, str | None] = {
    "dollar": "USD", "buck": "USD", "euro": "EUR", "yen": "JPY", "yuan": "CNY", "renminbi": "CNY", "rupee": "INR",
    "ruble": "RUB", "rouble": "RUB", "won": "KRW", "baht": "THB", "reais": "BRL", "rand": "ZAR", "naira": "NGN",
    "cedi": "GHS", "shekel": "ILS", "dirham": "AED", "lira": "TRY", "ringgit": "MYR", "taka": "BDT", "krona": "SEK",
    "kronor": "SEK", "birr": "ETB", "lari": "GEL", "rupiah": "IDR", "hryvnia": "UAH", "zloty": "PLN", "forint": "HUF",
    "shilling": "KES", "afghani": "AFN", "quetzal": "GTQ", "lempira": "HNL", "bolivar": "VES", "tenge": "KZT",
    "peso": None, "dinar": None, "riyal": None, "rial": None, "franc": None, "kroner": None, "krone": None,
    "kwacha": None, "cent": "USD", "pence": "GBP", "soles": "PEN", "lei": None, "leva": "BGN", "dram": "AMD",
    "manat": None, "ariary": "MGA", "pula": "BWP", "kyat": "MMK", "kip": "LAK", "dong": "VND", "tugrik": "MNT",
    "guarani": "PYG", "guaranies": "PYG", "bolivianos": "BOB", "colones": "CRC", "gourde": "HTG", "lek": "ALL",
    "dalasi": "GMD", "meticais": "MZN", "koruna": "CZK",
}  # fmt: skip
_NATIONAL_CURRENCIES = {
    "us dollar": "USD", "u.s. dollar": "USD", "american dollar": "USD", "australian dollar": "AUD",
    "canadian dollar": "CAD", "zealand dollar": "NZD", "kong dollar": "HKD", "singapore dollar": "SGD",
    "taiwan dollar": "TWD", "jamaican dollar": "JMD", "namibian dollar": "NAD", "mexican peso": "MXN",
    "argentine peso": "ARS", "philippine peso": "PHP", "chilean peso": "CLP", "colombian peso": "COP",
    "cuban peso": "CUP", "dominican peso": "DOP", "iraqi dinar": "IQD", "kuwaiti dinar": "KWD",
    "jordanian dinar": "JOD", "algerian dinar": "DZD", "tunisian dinar": "TND", "serbian dinar": "RSD",
    "libyan dinar": "LYD", "egyptian pound": "EGP", "sudanese pound": "SDG", "lebanese pound": "LBP",
    "syrian pound": "SYP", "british pound": "GBP", "pound sterling": "GBP", "iranian rial": "IRR",
    "omani rial": "OMR", "yemeni rial": "YER", "saudi riyal": "SAR", "qatari riyal": "QAR", "swiss franc": "CHF",
    "congolese franc": "CDF", "cfa franc": "XOF", "rwandan franc": "RWF", "danish krone": "DKK", "danish kroner": "DKK",
    "norwegian krone": "NOK", "norwegian kroner": "NOK", "swedish krona": "SEK", "pakistani rupee": "PKR",
    "nepalese rupee": "NPR", "lankan rupee": "LKR", "indian rupee": "INR", "chinese yuan": "CNY",
    "moroccan dirham": "MAD", "ugandan shilling": "UGX", "tanzanian shilling": "TZS", "kenyan shilling": "KES",
    "somali shilling": "SOS", "zambian kwacha": "ZMW", "malawian kwacha": "MWK", "lebanese lira": "LBP",
}  # fmt: skip
_PERCENT = Unit("percent", "%")
_POINTS = Unit("percent", "pp")  # percentage points have no UCUM code; "pp" is ours
_BASIS_POINTS = Unit("percent", "bp")


def _table() -> dict[str, Unit]:
    table = {
        "%": _PERCENT,
        "percent": _PERCENT,
        "per cent": _PERCENT,
        "pct": _PERCENT,
        "percentage point": _POINTS,
        "percent point": _POINTS,
        "basis point": _BASIS_POINTS,
        "°c": Unit("measure", "Cel", 1.0, "K", 273.15),
        "° c": Unit("measure", "Cel", 1.0, "K", 273.15),
        "degree celsius": Unit("measure", "Cel", 1.0, "K", 273.15),
        "°f": Unit("measure", "[degF]", 5 / 9, "K", 273.15 - 32 * 5 / 9),
        "° f": Unit("measure", "[degF]", 5 / 9, "K", 273.15 - 32 * 5 / 9),
        "degree fahrenheit": Unit("measure", "[degF]", 5 / 9, "K", 273.15 - 32 * 5 / 9),
        "c": Unit("measure", "Cel", 1.0, "K", 273.15),
        "f": Unit("measure", "[degF]", 5 / 9, "K", 273.15 - 32 * 5 / 9),
        "degree": Unit("measure", "deg"),
        "fold": Unit("ratio", None),
    }
    table |= {name: Unit("duration", code, factor, "s") for name, (code, factor) in _DURATIONS.items()}
    for names, code, factor, base in _MEASURES:
        table |= {name: Unit("measure", code, factor, base) for name in names.split("|")}
    table |= {name: Unit("money", code) for name, code in _CURRENCY_WORDS.items()}
    return table | {name: Unit("money", code) for name, code in _NATIONAL_CURRENCIES.items()}


_UNITS = _table()
_ONLY_GLUED = frozenset("m g l w v t c f".split())  # noqa: SIM905
_CAPITAL = frozenset("CF")  # degrees: 22C, not "22c"
_HEAT = words("minus temperature temperatures low lows high highs heat mercury degrees below above thermometer cold")
_MAX_UNIT_TOKENS = 3
_POUNDS_ARE_MONEY_FROM = 1e6  # "5 million pounds" is money, "500 pounds" of something weighs


def unit_named(name: str) -> Unit:
    """Return the unit with this English name ("km", "square metre"). Raises `KeyError` for one that is not listed."""
    return _UNITS[name]


def currency_of(sign: str) -> str | None:
    """Return the ISO 4217 code of a currency sign ("$", "US$", "EUR"), or None."""
    lower = sign.lower()
    return _CURRENCY_SIGNS.get(lower) or (sign.upper() if len(sign) == 3 and sign.isalpha() else None)


def read_unit(
    tokens: list[Token], i: int, *, value: float, scale: float = 1.0, priced: bool = False
) -> tuple[Unit, int] | None:
    """Return the unit that starts at token `i` behind a number and the index after it, or None.

    The longest name wins; a hyphen may stand before and inside ("48-hour", "20-square-mile"). One letter is a unit
    only when it is glued to the number ("12m", not "12 m"). Pounds are money from a million on, and when `priced`.
    """
    if i < len(tokens) and tokens[i].text in "-–" and tokens[i].glued and i + 1 < len(tokens) and tokens[i + 1].glued:
        i += 1
    phrase, best = "", None
    names = 0
    j = i
    while j < len(tokens) and names < _MAX_UNIT_TOKENS:
        token = tokens[j]
        if j > i and token.text == "-" and token.glued and j + 1 < len(tokens):
            j += 1
            continue
        joined = tokens[j].text in "/h²³°%" and token.glued and j > i
        phrase = phrase + token.lower if joined or phrase.endswith(("/", "°")) else f"{phrase} {token.lower}".strip()
        names += 1
        j += 1
        unit = _lookup(phrase)
        if unit is not None and phrase in ("c", "f") and not _is_heat(tokens, i):
            unit = None
        if unit is not None and not (phrase in _ONLY_GLUED and not tokens[i].glued):
            best = (unit, j)
    if best is None:
        return None
    if best[0].code == "[lb_av]" and (priced or (value >= _POUNDS_ARE_MONEY_FROM and scale > 1)):
        return Unit("money", "GBP"), best[1]
    return best


def _is_heat(tokens: list[Token], i: int) -> bool:
    """Tell whether the letter at token `i` behind a number is degrees: 22C, near a word for temperatures."""
    near = tokens[max(0, i - 12) : i]
    return tokens[i].text in _CAPITAL and any(token.lower in _HEAT or token.text in "-−" for token in near)


def _lookup(phrase: str) -> Unit | None:
    if phrase in _UNITS:
        return _UNITS[phrase]
    if phrase.startswith("centuries"):
        return _UNITS["century"]
    first, _, rest = phrase.partition(" ")
    if rest and first.endswith("s") and f"{first[:-1]} {rest}" in _UNITS:  # miles per hour, degrees Celsius
        return _UNITS[f"{first[:-1]} {rest}"]
    return _UNITS.get(phrase[:-1]) if phrase.endswith("s") and len(phrase) > 3 else None
