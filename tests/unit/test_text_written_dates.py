"""Days as people write them."""

import pytest

from transforms.text.titles import clean_title
from transforms.text.written_dates import read_written_day


@pytest.mark.parametrize(
    "text",
    [
        "Thursday, 20 November 2025 at 7:45 am", "Updated: Nov. 20, 2025", "20. November 2025, 9.10 Uhr",
        "Publié le 20 novembre 2025", "20 de noviembre de 2025", "20 novembre 2025", "20 de novembro de 2025",
        "20 listopada 2025", "20 ноября 2025 г.", "2025年11月20日（木）", "donderdag 20 november 2025",
    ],
)  # fmt: skip
def test_day_with_a_months_name_is_read(text: str) -> None:
    assert read_written_day(text) == "2025-11-20"


@pytest.mark.parametrize("text", ["03/04/2024", "in May 2025", "20 November", "31 February 2025", "", "May the 4th be"])
def test_day_that_stays_open_is_none(text: str) -> None:
    assert read_written_day(text) is None


def test_section_before_a_bar_is_no_part_of_the_headline() -> None:
    assert clean_title("Opinion | The ferry is a road", []) == "The ferry is a road"
    assert clean_title("Opinion polls | How they work", []) == "Opinion polls | How they work"
    assert clean_title("Opinion | ", []) == "Opinion |"
