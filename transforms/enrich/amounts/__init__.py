"""Numbers, units and calendar dates of English, and the grammar that makes figures of them."""
