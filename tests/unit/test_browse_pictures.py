"""Charts and maps as numbers: every day once, every place where it is, labels apart."""

import re
from datetime import date, timedelta

import pytest

from pipeline.browse.chart import HEIGHT, MAX_DAYS, WIDTH, days_chart
from pipeline.browse.places_map import Spot, places_map


def test_days_without_anything_are_shown_as_such() -> None:
    chart = days_chart({"2026-02-27": 2.0, "2026-03-02": 4.0})
    assert chart is not None
    assert [(bar.day, bar.height) for bar in chart.bars] == [
        ("2026-02-27", HEIGHT / 2), ("2026-02-28", 0.0), ("2026-03-01", 0.0), ("2026-03-02", HEIGHT),
    ]  # fmt: skip
    assert (chart.first, chart.last, chart.top) == ("2026-02-27", "2026-03-02", "4")


def test_only_the_last_days_are_shown_and_within_the_picture() -> None:
    days = {(date(2026, 1, 1) + timedelta(days=at)).isoformat(): at + 1.0 for at in range(500)}
    chart = days_chart(days | {"1066-10-14": 9e9})
    assert chart is not None
    assert len(chart.bars) == MAX_DAYS
    assert chart.last == max(days)
    for bar in chart.bars:
        assert 0 <= bar.x <= bar.x + bar.width <= WIDTH
        assert 0 <= bar.y <= bar.y + bar.height <= HEIGHT + 0.01


def test_a_small_day_beside_a_large_one_can_still_be_seen() -> None:
    chart = days_chart({"2026-01-01": 1.0, "2026-01-02": 1e9})
    assert chart is not None
    assert chart.bars[0].height >= 1.0


@pytest.mark.parametrize("values", [{}, {"2026-01-01": 0.0}, {"not a day": 3.0}, {"2026-13-01": 1.0}])
def test_without_a_day_there_is_no_chart(values: dict[str, float]) -> None:
    assert days_chart(values) is None


def test_a_map_is_drawn_around_its_places_and_labels_do_not_cover_each_other() -> None:
    spots = [Spot(name=f"Town {at}", lat=31 + at / 100, lon=34 + at / 100, articles=50 - at) for at in range(50)]
    drawn = places_map(spots)
    assert len(drawn.circles) == 50
    assert all(0 <= c.x <= drawn.width and 0 <= c.y <= drawn.height for c in drawn.circles)
    labelled = [c for c in drawn.circles if c.labelled]
    assert 2 <= len(labelled) < 50
    assert drawn.circles[0].labelled
    boxes = [(c.x + c.r, c.y) for c in labelled]
    assert all(abs(a[1] - b[1]) >= 12 or abs(a[0] - b[0]) >= 30 for at, a in enumerate(boxes) for b in boxes[at + 1 :])


def test_north_is_up_and_east_is_right() -> None:
    drawn = places_map([
        Spot(name="Oslo", lat=59.9, lon=10.7, articles=1), Spot(name="Cairo", lat=30.0, lon=31.2, articles=2),
    ])  # fmt: skip
    cairo, oslo = drawn.circles
    assert (cairo.spot.name, oslo.spot.name) == ("Cairo", "Oslo")
    assert oslo.y < cairo.y
    assert oslo.x < cairo.x
    assert oslo.r < cairo.r


def test_the_ground_is_made_of_our_own_places_and_is_plain_numbers() -> None:
    world = places_map([], world=True)
    assert world.circles == ()
    assert world.ground.count("M") > 2_000
    assert re.fullmatch(r"(M-?[\d.]+ -?[\d.]+h0)*", world.ground)
    assert "Cairo" in {label.text for label in world.ground_labels} or len(world.ground_labels) == 15
    assert {"0°", "30°N", "60°E"} <= {label.text for label in world.degrees}


@pytest.mark.parametrize(("lat", "lon"), [(90, 180), (-90, -180), (0, 0), (85, -179.9)])
def test_places_at_the_edge_of_the_world_are_drawn(lat: float, lon: float) -> None:
    drawn = places_map([Spot(name="Edge", lat=lat, lon=lon, articles=1)])
    assert drawn.height > 0
    assert drawn.width > 0


def test_places_all_over_the_world_make_a_map_of_the_world() -> None:
    spots = [Spot(name="West", lat=10, lon=-170, articles=1), Spot(name="East", lat=-10, lon=170, articles=1)]
    assert len(places_map(spots).circles) == 2
