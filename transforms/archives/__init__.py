"""Archives of pages that need no request: one file and one line per format."""

from collections.abc import Callable
from pathlib import Path

from transforms.archives.saved_pages import is_folder_of_pages, list_pages
from transforms.archives.stored_page import PageFile

# name -> (does this path hold such an archive?, its pages in a fixed order)
ARCHIVES: dict[str, tuple[Callable[[Path], bool], Callable[[Path], list[PageFile]]]] = {
    "pages": (is_folder_of_pages, list_pages),
}
