"""The addresses of the pages."""

DATABASE = "newsbeam"  # the store's file, among Datasette's databases
# Path -> what the navigation says; the article page is `/article/ID`.
PAGES = {
    "/": "Search",
    "/map": "Map",
    "/charts": "Charts",
    "/dead-letters": "Dead letters",
    "/feeds": "Feeds",
}
SEARCHES = ("/", "/map", "/charts")  # the pages that are asked a query, and hand it to each other
