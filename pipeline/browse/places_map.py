"""Places on a map that needs no tiles: circles on plain coordinates, and our own gazetteer's places as its ground.

The dots of some 3,500 towns and divisions draw the continents well enough to see where one is, at any scale, offline.
"""

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cache

from transforms.enrich.locating.gazetteer import Place, load_gazetteer

MIN_SPAN_DEG = 6.0  # a single town with what is around it
WIDTH = 960.0
_LABELS, _GROUND_LABELS = 25, 15  # more of them cover the circles
_FULL_SIZE = 5  # articles; among places with fewer the largest circle is smaller
_CHAR_WIDTH, _LINE_HEIGHT = 6.5, 13.0  # of a label at 12 px, rounded up


@dataclass(frozen=True, kw_only=True)
class Spot:
    """A place with the number of articles that name it."""

    name: str
    lat: float
    lon: float
    articles: int


@dataclass(frozen=True, kw_only=True)
class Circle:
    """A spot on the map (pixels); `labelled` where there is room for its name."""

    spot: Spot
    x: float
    y: float
    r: float
    labelled: bool


@dataclass(frozen=True, kw_only=True)
class Label:
    """A name of the ground, or a line's degrees."""

    text: str
    x: float
    y: float


@dataclass(frozen=True, kw_only=True)
class Map:
    """A map in pixels. `ground` and `lines` are SVG paths of our own numbers alone."""

    width: float
    height: float
    circles: tuple[Circle, ...]
    ground: str
    ground_labels: tuple[Label, ...]
    lines: str
    degrees: tuple[Label, ...]


@dataclass(frozen=True, kw_only=True)
class _View:
    west: float
    east: float
    south: float
    north: float

    @property
    def scale(self) -> float:
        return WIDTH / (self.east - self.west)

    @property
    def stretch(self) -> float:
        # A degree of longitude is shorter away from the equator; at most three times, or the north would fill the map.
        middle = math.radians((self.south + self.north) / 2)
        return 1 / max(math.cos(middle), 1 / 3)

    @property
    def height(self) -> float:
        return (self.north - self.south) * self.scale * self.stretch

    def x(self, lon: float) -> float:
        return round((lon - self.west) * self.scale, 1)

    def y(self, lat: float) -> float:
        return round((self.north - lat) * self.scale * self.stretch, 1)

    def has(self, lat: float, lon: float) -> bool:
        return self.south <= lat <= self.north and self.west <= lon <= self.east


WORLD = _View(west=-180.0, east=180.0, south=-60.0, north=78.0)


def places_map(spots: Sequence[Spot], *, world: bool = False) -> Map:
    """Return a map of the spots' surroundings, or of the whole world; the most named spots get their labels first."""
    spots = sorted(spots, key=lambda spot: (-spot.articles, spot.name))
    view = WORLD if world or not spots else _around(spots)
    top = max([_FULL_SIZE, *(spot.articles for spot in spots[:1])])
    taken: list[tuple[float, float, float, float]] = []
    circles: list[Circle] = []
    for spot in spots:
        if view.has(spot.lat, spot.lon):
            x, y, r = view.x(spot.lon), view.y(spot.lat), round(4 + 14 * math.sqrt(spot.articles / top), 1)
            free = sum(circle.labelled for circle in circles) < _LABELS and _take(taken, spot.name, x + r + 2, y)
            circles.append(Circle(spot=spot, x=x, y=y, r=r, labelled=free))
    ground = [place for place in _ground() if view.has(place.lat, place.lon)]
    labels: list[Label] = []
    for place in ground:
        x, y = view.x(place.lon), view.y(place.lat)
        if place.kind == "city" and len(labels) < _GROUND_LABELS and _take(taken, place.name, x, y):
            labels.append(Label(text=place.name, x=x, y=y))
    lines, degrees = _graticule(view)
    return Map(
        width=WIDTH,
        height=round(view.height, 1),
        circles=tuple(circles),
        ground="".join(f"M{view.x(place.lon)} {view.y(place.lat)}h0" for place in ground),
        ground_labels=tuple(labels),
        lines=lines,
        degrees=degrees,
    )


def _around(spots: Iterable[Spot]) -> _View:
    lats, lons = [spot.lat for spot in spots], [spot.lon for spot in spots]
    span = max((max(lons) - min(lons)) * 1.2, (max(lats) - min(lats)) * 1.6, MIN_SPAN_DEG)
    if span > 200:
        return WORLD
    lat, lon = (max(lats) + min(lats)) / 2, (max(lons) + min(lons)) / 2
    return _View(
        west=lon - span / 2, east=lon + span / 2, south=max(lat - span / 3, -90), north=min(lat + span / 3, 90)
    )


def _take(taken: list[tuple[float, float, float, float]], text: str, x: float, y: float) -> bool:
    """Take the room of a label if it is free and within the map."""
    right, top, bottom = x + len(text) * _CHAR_WIDTH, y - _LINE_HEIGHT / 2, y + _LINE_HEIGHT / 2
    if right > WIDTH or any(x < r and left < right and top < b and t < bottom for left, t, r, b in taken):
        return False
    taken.append((x, top, right, bottom))
    return True


def _graticule(view: _View) -> tuple[str, tuple[Label, ...]]:
    step = next(each for each in (1, 2, 5, 10, 30) if (view.east - view.west) / each <= 13)
    path, labels = [], []
    for lon in range(math.ceil(view.west / step) * step, math.floor(view.east) + 1, step):
        path.append(f"M{view.x(lon)} 0V{view.height:.1f}")
        labels.append(Label(text=_degrees(lon, "E", "W"), x=view.x(lon) + 2, y=round(view.height - 4, 1)))
    for lat in range(math.ceil(view.south / step) * step, math.floor(view.north) + 1, step):
        path.append(f"M0 {view.y(lat)}H{WIDTH:.0f}")
        if view.y(lat) < view.height - 2 * _LINE_HEIGHT:  # below that are the longitudes
            labels.append(Label(text=_degrees(lat, "N", "S"), x=2, y=view.y(lat) - 2))
    return "".join(path), tuple(labels)


def _degrees(value: int, positive: str, negative: str) -> str:
    value = (value + 180) % 360 - 180  # a map around Fiji goes on beyond 180 degrees
    return f"{abs(value)}°{positive if value > 0 else negative if value < 0 else ''}"


@cache
def _ground() -> tuple[Place, ...]:
    """Return the towns and divisions of the gazetteer, the largest first."""
    gazetteer = load_gazetteer()
    places = {place for name in gazetteer.names() for place in gazetteer.candidates(name)}
    on_land = (place for place in places if place.kind in ("city", "division"))
    return tuple(sorted(on_land, key=lambda place: (-place.population, place.key, place.country)))
