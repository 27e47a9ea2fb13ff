"""Closed lists about names, written by hand: titles, head words, demonyms, acronyms, countries, aliases.

Public facts about English news prose. What is open-ended (people's names, cities) lives in `data/` and the gazetteer.
"""

from transforms.enrich.reading.words import words


def _phrases(text: str) -> frozenset[str]:
    """Return the phrases between semicolons, white space made ordinary."""
    return frozenset(" ".join(phrase.split()) for phrase in text.split(";"))


# Words before a person's name, lower case, without the dot. They are trimmed from spans and feed `role`.
TITLES = words(
    """mr mrs ms miss dr sir dame lord lady president prime minister vice deputy foreign defense defence interior
    finance secretary state general gen lt lieutenant col colonel maj major capt captain sgt sergeant cpl corporal
    brig brigadier adm admiral sen senator rep representative congressman congresswoman chancellor king queen prince
    princess pope ambassador judge justice governor gov mayor chairman chairwoman chair spokesman spokeswoman
    spokesperson premier professor prof rev reverend father bishop archbishop cardinal rabbi sheikh sheik ayatollah
    imam mullah sultan emir former ex commander commissioner chief director coach captain officer inspector
    constable superintendent detective attorney councillor analyst activist lawmaker mp leader envoy dictator ceo
    founder acting interim outgoing incoming newly-elected president-elect attorney-general secretary-general sec"""
)
# A title that makes the word behind it a person whatever the engine said.
HONORIFICS = words(
    """mr mrs ms miss dr sir dame sheikh sheik gen general imam prince princess lord lady justice judge col colonel lt
    lieutenant capt captain maj major sgt sergeant sen senator rep gov rev reverend sister pope cardinal bishop
    archbishop rabbi prof professor president chancellor ambassador superintendent inspector constable brigadier
    admiral commander mayor governor ayatollah mullah premier congressman congresswoman minister"""
)
# "General Motors", "President Hotel": the word behind these titles is not a person.
NOT_A_PERSON_AFTER_TITLE = words(
    """motors electric assembly dynamics mills hospital council secretariat staff directorate authority intelligence
    administration election department union confederation league resistance advocate office palace cup island
    school college university street square airport foundation commission committee"""
)
NAME_PARTICLES = words(
    """bin ibn al el de la del da das dos van von der den di du le ter ten abu bint y e ap op zu of the und"""
)
NAME_SUFFIXES = frozenset({"jr", "sr", "ii", "iii", "iv"})

ORG_WORDS = words(
    """inc corp ltd plc llc gmbh co company corporation university college institute ministry department agency
    commission committee council party bank group association federation union court parliament congress senate
    assembly army navy force forces police brigade brigades bureau authority foundation organization organisation
    fund office network society club united city fc team center centre news times post press league board service
    services airlines airways ministry front movement administration alliance coalition cabinet programme program
    mission directorate secretariat tribunal academy guard guards corps legion watch international observatory
    ministry broadcasting television radio herald tribune gazette journal"""
)
# The last word of a name that is a body whatever the engine said.
BODY_HEADS = words(
    """Authority Ministry Agency Council Commission Committee Union Association Lines Airlines Airways Brigade Command
    Office Bureau Institute Company Corporation Foundation Department Party University College Federation Alliance
    Organization Organisation Inc Corp Ltd Group Club Court Parliament Assembly"""
)
# The last word of a name that says what the thing is.
FACILITY_HEADS = words(
    """airport airfield airbase bridge stadium arena tower towers prison jail crossing checkpoint camp dam tunnel
    highway motorway freeway port harbour harbor station barracks plaza square palace cathedral mosque synagogue
    temple shrine monastery cemetery museum hospital clinic library theatre theater hall hotel mall market base
    plant refinery reactor pipeline canal boulevard avenue street road pier terminal zoo"""
)
# Facilities that are also bodies which act and speak: an ORG with such a head stays one in the training corpora.
FACILITIES_THAT_ACT = words("hospital museum hotel clinic library theatre theater port station")
EVENT_HEADS = words(
    """war wars summit cup election elections olympics games championship championships festival revolution uprising
    intifada holocaust conference referendum massacre earthquake hurricane typhoon cyclone tsunami crisis battle
    siege rebellion tournament marathon prix forum talks accords genocide pandemic open invasion ceremony fair expo
    offensive"""
)
STORM_WORDS = words("hurricane typhoon cyclone storm operation")
WORK_HEADS = words(
    """act bill constitution treaty convention protocol resolution amendment agreement accord accords charter
    declaration law code prize award awards medal bible quran koran torah novel report symphony album song"""
)
LANDFORM_WORDS = words(
    """river sea ocean lake gulf bay strait straits mount mountain mountains valley desert peninsula island islands
    coast channel canal delta basin plateau hills heights forest glacier volcano archipelago cape reef creek falls
    corridor strip region north south east west northern southern eastern western belt highlands steppe"""
)
REGIONS = _phrases(
    """Europe;Asia;Africa;Antarctica;North America;South America;Latin America;Central America;Middle East;Far East;
    Near East;Southeast Asia;South Asia;East Asia;Central Asia;North Africa;West Africa;East Africa;
    Southern Africa;Sub-Saharan Africa;Eastern Europe;Western Europe;Central Europe;Balkans;Caucasus;Sahel;Horn of
    Africa;Persian Gulf;Gulf;Arctic;Caribbean;Scandinavia;Baltics;Levant;Maghreb;Mediterranean;Black Sea;Red Sea;
    Baltic Sea;Caspian Sea;South China Sea;Pacific;Atlantic;Indian Ocean;Pacific Ocean;Atlantic Ocean;Himalayas;
    Alps;Andes;Amazon;Sahara;Sinai;Golan Heights;Golan;Bekaa Valley;Donbas;Donbass;Siberia;Patagonia;Nile;Danube;
    Euphrates;Tigris;Rhine;Mississippi River;Midwest;New England;Silicon Valley;Strait of Hormuz;Suez Canal;Panama
    Canal;English Channel;Asia-Pacific;Indo-Pacific;West;Western world;Gulf of Mexico;Gulf of Aden;Gulf of Guinea;
    Lake Chad;Lake Victoria;Mekong;Congo River;Jordan River;Jordan Valley;Dead Sea"""
)
SAY_VERBS = words(
    """said says say told tells added adds saying stated explained noted argued warned warns tweeted announced insisted
    claimed claims stressed urged vowed denied confirmed testified replied wrote writes"""
)
# Capitalised at a sentence's start or always, and never a name by themselves.
COMMON_CAPITALISED = words(
    """The A An In On At For From With By And But Or If When While As After Before Since Until It He She They We You I
    This That These Those There Here What Which Who Whom Where Why How Not No Yes All Some Many Most More Other
    Another Each Every Both New First Last Next Monday Tuesday Wednesday Thursday Friday Saturday Sunday January
    February March April May June July August September October November December His Her Its Their Our My Your Him
    Them Me Us To Of Two Three Four Five Six Seven Eight Nine Ten Despite During Under Over About Between Among
    However Meanwhile Also Earlier Later Now Then So Still Even Only Just Yet Such Mr Mrs Ms Dr Jan Feb Mar Apr Jun
    Jul Aug Sep Sept Oct Nov Dec Mon Tue Wed Thu Fri Sat Sun"""
)
# Often first in a sentence, and taken for a name there.
ORDINARY_STARTS = words(
    """Nobody Everyone Everybody Someone Anyone Police Officials Authorities Rescuers Residents Witnesses Doctors
    Experts Critics Analysts Investigators Prosecutors Voters Protesters Firefighters Soldiers Troops Opinion
    Analysis Update Breaking Exclusive Video Photos Watch Today Yesterday Tomorrow Sources Aid Talks Thousands
    Hundreds Dozens Millions"""
)
PRONOUNS = words("i you he she it we they him her them us me his hers its their who whom himself herself")

COUNTRIES = _phrases(
    """Afghanistan;Albania;Algeria;Andorra;Angola;Antigua and Barbuda;Argentina;Armenia;Australia;Austria;Azerbaijan;
    Bahamas;Bahrain;Bangladesh;Barbados;Belarus;Belgium;Belize;Benin;Bhutan;Bolivia;Bosnia;Bosnia and Herzegovina;
    Botswana;Brazil;Brunei;Bulgaria;Burkina Faso;Burma;Burundi;Cambodia;Cameroon;Canada;Cape Verde;Central African
    Republic;Chad;Chile;China;Colombia;Comoros;Congo;Costa Rica;Croatia;Cuba;Cyprus;Czech Republic;Czechia;Denmark;
    Djibouti;Dominica;Dominican Republic;East Timor;Ecuador;Egypt;El Salvador;Equatorial Guinea;Eritrea;Estonia;
    Eswatini;Ethiopia;Fiji;Finland;France;Gabon;Gambia;Georgia;Germany;Ghana;Greece;Grenada;Guatemala;Guinea;
    Guinea-Bissau;Guyana;Haiti;Honduras;Hungary;Iceland;India;Indonesia;Iran;Iraq;Ireland;Israel;Italy;Ivory Coast;
    Jamaica;Japan;Jordan;Kazakhstan;Kenya;Kiribati;Kosovo;Kuwait;Kyrgyzstan;Laos;Latvia;Lebanon;Lesotho;Liberia;Libya;
    Liechtenstein;Lithuania;Luxembourg;Madagascar;Malawi;Malaysia;Maldives;Mali;Malta;Marshall Islands;Mauritania;
    Mauritius;Mexico;Micronesia;Moldova;Monaco;Mongolia;Montenegro;Morocco;Mozambique;Myanmar;Namibia;Nauru;Nepal;
    Netherlands;New Zealand;Nicaragua;Niger;Nigeria;North Korea;North Macedonia;Macedonia;Norway;Oman;Pakistan;Palau;
    Palestine;Panama;Papua New Guinea;Paraguay;Peru;Philippines;Poland;Portugal;Qatar;Romania;Russia;Rwanda;Saint
    Lucia;Samoa;San Marino;Saudi Arabia;Senegal;Serbia;Seychelles;Sierra Leone;Singapore;Slovakia;Slovenia;Solomon
    Islands;Somalia;Somaliland;South Africa;South Korea;South Sudan;Spain;Sri Lanka;Sudan;Suriname;Swaziland;Sweden;
    Switzerland;Syria;Taiwan;Tajikistan;Tanzania;Thailand;Togo;Tonga;Trinidad and Tobago;Tunisia;Turkey;Türkiye;
    Turkmenistan;Tuvalu;Uganda;Ukraine;United Arab Emirates;United Kingdom;United States;Uruguay;Uzbekistan;Vanuatu;
    Vatican City;Venezuela;Vietnam;Yemen;Zambia;Zimbabwe;Soviet Union;Yugoslavia;Czechoslovakia;East Germany;West
    Germany;U.S.;US;USA;U.S.A.;U.K.;UK;UAE;DRC;Britain;Great Britain;England;Scotland;Wales;Northern Ireland;America;
    Holland;Vatican;Hong Kong;Macau;Puerto Rico;Greenland;Gaza;Gaza Strip;West Bank;Kurdistan;Crimea;Kashmir;Tibet;
    Chechnya;Darfur;Western Sahara;Korea;Democratic Republic of Congo;Democratic Republic of the Congo;Republic of
    Congo;United States of America;Côte d’Ivoire"""
)
# Countries and states that are as often a person, a ship or a common word: the context decides.
AMBIGUOUS_COUNTRIES = frozenset({"Georgia", "Jordan", "Chad", "Niger", "Mali", "Dominica", "Guinea", "US", "America"})

US_STATES = _phrases(
    """Alabama;Alaska;Arizona;Arkansas;California;Colorado;Connecticut;Delaware;Florida;Georgia;Hawaii;Idaho;Illinois;
    Indiana;Iowa;Kansas;Kentucky;Louisiana;Maine;Maryland;Massachusetts;Michigan;Minnesota;Mississippi;Missouri;
    Montana;Nebraska;Nevada;New Hampshire;New Jersey;New Mexico;New York;North Carolina;North Dakota;Ohio;Oklahoma;
    Oregon;Pennsylvania;Rhode Island;South Carolina;South Dakota;Tennessee;Texas;Utah;Vermont;Virginia;Washington;
    West Virginia;Wisconsin;Wyoming"""
)

_NATIONS = words(
    """afghan albanian algerian american angolan argentine argentinian armenian australian austrian azerbaijani azeri
    bahamian bahraini bangladeshi barbadian belarusian belgian belizean bhutanese bolivian bosnian botswanan
    brazilian british briton bruneian bulgarian burkinabe burmese burundian cambodian cameroonian canadian chadian
    chilean chinese colombian congolese croatian croat cuban cypriot czech danish djiboutian dominican dutch
    ecuadorian ecuadorean egyptian emirati english eritrean estonian ethiopian fijian filipino finnish french
    gabonese gambian gazan georgian german ghanaian greek guatemalan guinean guyanese haitian honduran hungarian
    icelandic indian indonesian iranian iraqi irish israeli italian ivorian jamaican japanese jordanian kazakh
    kenyan korean kosovar kuwaiti kyrgyz laotian latvian lebanese liberian libyan lithuanian luxembourgish
    macedonian malagasy malawian malaysian maldivian malian maltese mauritanian mauritian mexican moldovan mongolian
    montenegrin moroccan mozambican namibian nepalese nepali nicaraguan nigerien nigerian norwegian omani pakistani
    palestinian panamanian paraguayan peruvian philippine polish portuguese qatari romanian russian rwandan
    salvadoran saudi scottish senegalese serbian serb singaporean slovak slovenian slovene somali spanish spaniard
    sudanese surinamese swedish swede swiss syrian taiwanese tajik tanzanian thai togolese trinidadian tunisian
    turkish ugandan ukrainian uruguayan uzbek venezuelan vietnamese welsh yemeni zambian zimbabwean scot
    frenchman frenchwoman englishman englishwoman irishman dutchman"""
)
_PEOPLES = words(
    """jewish jew muslim christian kurdish kurd arab sunni shiite shia shi'ite hindu sikh buddhist catholic protestant
    orthodox european asian african hutu tutsi aboriginal inuit latino latina hispanic islamist yazidi rohingya
    uyghur uighur tamil pashtun chechen druze tibetan mapuche zulu maasai māori maori samoan tongan berber bedouin
    kashmiri punjabi bengali hausa yoruba igbo oromo tigrayan amhara persian soviet roma scandinavian slavic balkan
    caribbean republican democrat baathist coptic copt alawite houthi mormon evangelical zionist islamic
    nazi communist californian texan londoner parisian"""
)
_TWO_WORDS = _phrases(
    """South African;South Korean;North Korean;South Sudanese;Sri Lankan;Costa Rican;Puerto Rican;Saudi
Arabian;Sierra Leonean;New Zealander;Latin American;African American;Native American;Central American;South
American;North American;West African;East African;North African;East Asian;South Asian;Southeast Asian;Hong
Konger;Papua New Guinean;Sub-Saharan African;Asian American;Arab American;Ultra-Orthodox"""
)
# A demonym that is as often a word of another kind: plural or lower-case readings stay the engine's business.
_NO_PLURAL = ("philippine", "ese", "ish", "ch", "man", "woman", "ss")
_NOT_ALWAYS_A_GROUP = frozenset({"communist", "nazi", "orthodox", "republican", "democrat", "islamic", "georgian"})


def _with_plurals(singular: frozenset[str]) -> frozenset[str]:
    plurals = [f"{word}s" for word in singular if not word.endswith(("s", *_NO_PLURAL))]
    return frozenset(form[0].upper() + form[1:] for form in (*singular, *plurals))


DEMONYMS = _with_plurals(_NATIONS | _PEOPLES | _TWO_WORDS)
# Demonyms that are tagged even when the engine saw nothing.
SURE_DEMONYMS = DEMONYMS - _with_plurals(_NOT_ALWAYS_A_GROUP)

# Acronyms of bodies that need no definition in the text.
KNOWN_ACRONYMS = words(
    """UN U.N. EU E.U. NATO WHO IMF WTO OPEC IAEA UNICEF UNHCR UNESCO UNDP UNRWA OCHA WFP ILO FAO ICC ICJ ICRC OECD
    ASEAN ECOWAS AU FBI CIA NSA FDA CDC NASA FEMA DHS IRS EPA SEC IDF PLO PKK IRA ETA ANC BBC CNN NBC CBS ABC NPR
    PBS AFP AP UPI ITV KGB FSB RAF FIFA UEFA IOC NBA NFL NHL MLB NCAA MIT UCLA GOP DNC RNC ACLU NAACP IBM AT&T BRICS
    OSCE UNFPA UNIFIL IOM MSF"""
)

# Folded form (see name_coreference.fold) -> folded canonical form: the same thing in all news English.
_ALIASES = """united states: us, usa, america, united states of america, u s, u s a
united kingdom: uk, u k, britain, great britain
united nations: un, u n
european union: eu, e u
united arab emirates: uae, u a e, emirates
north atlantic treaty organization: nato
israel defense forces: idf, israeli defense forces, israel defence forces, israeli defence forces
world health organization: who, w h o, world health organisation
world food programme: wfp, world food program, un world food programme, u n world food programme
international monetary fund: imf
international criminal court: icc
international court of justice: icj
international atomic energy agency: iaea
palestine liberation organization: plo
united nations security council: un security council, u n security council, security council
united nations general assembly: un general assembly, u n general assembly, general assembly
islamic state: isis, isil, daesh, islamic state of iraq and the levant, islamic state of iraq and syria
al qaeda: al qaida, alqaeda, alqaida
gaza strip: gaza
federal bureau of investigation: fbi
central intelligence agency: cia
state department: us state department, u s state department, department of state
russian federation: russia
people republic of china: china, prc
democratic republic of congo: drc, dr congo, democratic republic of the congo
new york city: nyc
washington: washington d c, washington dc
african union: au, a u
world trade organization: wto
organization of petroleum exporting countries: opec
united nations relief and works agency: unrwa, u n relief and works agency, un relief and works agency
u n office for the coordination of humanitarian affairs: ocha, un ocha, office for the coordination of humanitarian affairs, un office for the coordination of humanitarian affairs, united nations office for the coordination of humanitarian affairs
un children fund: unicef, u n children fund, united nations children fund
un refugee agency: unhcr, u n refugee agency, united nations refugee agency
taliban: taleban
church of scientology: scientology
hezbollah: hizbullah, hizballah
myanmar: burma
turkiye: turkey
ivory coast: cote divoire
"""  # noqa: E501  one canonical form a line
ALIASES: dict[str, str] = {
    form.strip(): canonical
    for canonical, _, forms in (line.partition(": ") for line in _ALIASES.splitlines())
    for form in forms.split(",")
}
ORG_SUFFIXES = words("inc corp co ltd llc plc company corporation group limited holdings ag sa gmbh nv spa bv")
# Not counted in acronyms and in the comparison of names.
SMALL_WORDS = words("of the for and on in to at a an & de la del y des du et der und with against")
# Short form -> the given names it stands for.
_NICKNAMES = words(
    """joe:joseph bill:william will:william mike:michael tony:antony,anthony bob:robert rob:robert jim:james
    jimmy:james tom:thomas dan:daniel dave:david ed:edward,edwin ted:edward,theodore dick:richard rick:richard
    ron:ronald don:donald chuck:charles charlie:charles jack:john,jacob jeff:jeffrey ken:kenneth liz:elizabeth
    beth:elizabeth kate:katherine,catherine kathy:katherine,kathleen maggie:margaret peggy:margaret meg:margaret
    nick:nicholas pete:peter sam:samuel,samantha steve:steven,stephen sue:susan matt:matthew andy:andrew drew:andrew
    ben:benjamin bibi:benjamin,binyamin chris:christopher,christine greg:gregory larry:lawrence,laurence
    pat:patrick,patricia ray:raymond alex:alexander,alexandra,alexei sasha:alexander volodya:vladimir misha:mikhail
    kim:kimberly jen:jennifer jenny:jennifer debbie:deborah hank:henry harry:henry,harold gerry:gerald
    jerry:gerald,jerome bernie:bernard mitch:mitchell vicky:victoria tim:timothy phil:philip,phillip doug:douglas
    fred:frederick gabe:gabriel josh:joshua lou:louis,louise nate:nathan,nathaniel"""
)
NICKNAMES: dict[str, frozenset[str]] = {
    short: frozenset(full.split(",")) for short, _, full in (pair.partition(":") for pair in _NICKNAMES)
}
