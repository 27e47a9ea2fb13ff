"""The hand-written tables of places agree with each other and with the packed file."""

import csv
import gzip
import math
import os
import re
import subprocess
import sys
import unicodedata
from collections import Counter
from pathlib import Path

import pytest

from transforms.enrich.locating.gazetteer import fold

ROOT = Path(__file__).parents[2]
TABLES = ROOT / "scripts" / "places"
PACKED = ROOT / "transforms" / "enrich" / "data" / "gazetteer.tsv.gz"
NAMES = ("countries", "divisions", "cities", "regions")


def rows_of(table: str) -> list[dict[str, str]]:
    with (TABLES / f"{table}.tsv").open(encoding="utf-8", newline="") as lines:
        return list(csv.DictReader(lines, delimiter="\t", quoting=csv.QUOTE_NONE, strict=True))


REMOTE = {("CL", "Easter Island")}  # a radius that held it would hold half of South America
COUNTRIES = {row["code"]: row for row in rows_of("countries")}


def build(output: Path, *options: str) -> list[str]:
    environment = os.environ | {"PYTHONPATH": str(ROOT)}
    command = [sys.executable, str(ROOT / "scripts" / "build_gazetteer"), "--output", str(output), *options]
    subprocess.run(command, check=True, env=environment, stdout=subprocess.PIPE, timeout=60)
    return gzip.decompress(output.read_bytes()).decode("utf-8").splitlines()


def km(lat: float, lon: float, other_lat: float, other_lon: float) -> float:
    a, b, c, d = (math.radians(each) for each in (lat, lon, other_lat, other_lon))
    half = math.sin((c - a) / 2) ** 2 + math.cos(a) * math.cos(c) * math.sin((d - b) / 2) ** 2
    return 12742 * math.asin(math.sqrt(half))


def test_every_country_stands_once_with_a_code_of_two_letters():
    assert len(COUNTRIES) == len(rows_of("countries")) == 250  # ISO 3166-1 has 249, and Kosovo
    assert all(re.fullmatch("[A-Z]{2}", code) for code in COUNTRIES)


@pytest.mark.parametrize("table", NAMES)
def test_text_is_clean_and_cells_are_complete(table: str):
    text = (TABLES / f"{table}.tsv").read_text(encoding="utf-8")
    assert text == unicodedata.normalize("NFC", text)
    assert text.endswith("\n")
    assert not re.search(r" {2}| \t|\t |;\t|\t;|;;|[^\S\t\n ]", text)
    lines = text.splitlines()
    assert {line.count("\t") for line in lines} == {lines[0].count("\t")}
    assert all(fold(row["name"]) for row in rows_of(table))


@pytest.mark.parametrize("table", ["divisions", "cities", "regions"])
def test_points_lie_in_their_country(table: str):
    far = []
    for row in rows_of(table):
        lat, lon, country = float(row["lat"]), float(row["lon"]), COUNTRIES.get(row["country"])
        assert -90 <= lat <= 90
        assert -180 <= lon <= 180
        assert country or (table == "regions" and not row["country"]), row
        if country and (row["country"], row["name"]) not in REMOTE:
            distance = km(lat, lon, float(country["lat"]), float(country["lon"]))
            if distance > float(country["radius_km"]):
                far.append((row["name"], row["country"], round(distance)))
    assert far == []


def test_a_city_lies_near_its_division():
    divisions = {(row["country"], row["code"]): row for row in rows_of("divisions") if row["code"]}
    far = []
    for city in rows_of("cities"):
        division = divisions.get((city["country"], city["division"]))
        if division:
            distance = km(*(float(row[axis]) for row in (city, division) for axis in ("lat", "lon")))
            if distance > 1200:  # Alaska, Western Australia
                far.append((city["name"], city["division"], round(distance)))
    assert far == []


@pytest.mark.parametrize("table", NAMES)
def test_no_place_stands_twice(table: str):
    keys = Counter((fold(row["name"]), row.get("country"), row.get("division", "")) for row in rows_of(table))
    assert [key for key, count in keys.items() if count > 1] == []


def test_every_capital_is_a_city_of_its_country():
    cities = {(row["country"], row["name"]) for row in rows_of("cities")}
    capitals = {(code, row["capital"]) for code, row in COUNTRIES.items() if row["capital"]}
    assert capitals - cities == set()


def test_no_demonym_belongs_to_two_countries():
    demonyms = Counter(fold(each) for row in COUNTRIES.values() for each in row["demonyms"].split(";") if each)
    assert [name for name, count in demonyms.items() if count > 1] == []


def test_the_packed_file_is_what_the_tables_give(tmp_path: Path):
    packed = gzip.decompress(PACKED.read_bytes()).decode("utf-8").splitlines()
    assert packed == build(tmp_path / "again.gz")
    assert PACKED.stat().st_size < 400_000


def test_a_geonames_dump_adds_cities_and_ids(tmp_path: Path):
    lyon = "2996944\tLyon\tLyon\t\t45.74846\t4.84671\tP\tPPLA\tFR\t\t84\t\t\t\t522250\t\t173\tEurope/Paris\t2024"
    bourg = "1\tPetitbourg\tPetitbourg\t\t46.1\t2.1\tP\tPPL\tFR\t\t84\t\t\t\t5100\t\t173\tEurope/Paris\t2024"
    dump = tmp_path / "cities5000.txt"
    dump.write_text(f"{lyon}\n{bourg}\n", encoding="utf-8")
    lines = build(tmp_path / "merged.gz", "--geonames", str(dump))
    assert [line.split("\t")[8] for line in lines if line.startswith("C\tLyon\t")] == ["2996944"]
    assert [line.split("\t")[6] for line in lines if line.startswith("C\tPetitbourg\t")] == ["5100"]
