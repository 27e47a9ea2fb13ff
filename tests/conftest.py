"""What holds for every test: nobody's environment leaks in."""

import os
import re

_KEPT = re.compile(r"NEWSBEAM_(REQUIRE_.*|CACHE|SEED|DATA|NER_DATA)")

for _name in [name for name in os.environ if name.startswith("NEWSBEAM_") and not _KEPT.fullmatch(name)]:
    del os.environ[_name]
