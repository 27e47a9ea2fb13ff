"""`newsbeam browse`: the embedded store in a browser, read only.

Datasette serves it; what is ours is a plugin of it: `plugin` (its hooks), `pages` (a method per page), `guard` (what is
refused before any page is asked), `server` (the socket and the process). `asked`, `counts` (by `bounded`), `shown`,
`marked_text`, `chart` and `places_map` are what the pages are made of, and know nothing of HTTP. Templates, style and
the words about tables are data: `configs/browse/`.
"""
