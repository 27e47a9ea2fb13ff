"""What holds for every test: nobody's environment leaks in."""

import os
import re
import signal

import hypothesis

_KEPT = re.compile(r"NEWSBEAM_(REQUIRE_.*|CACHE|SEED|DATA|NER_DATA|SOAK_S)")

for _name in [name for name in os.environ if name.startswith("NEWSBEAM_") and not _KEPT.fullmatch(name)]:
    del os.environ[_name]

# A shell's background jobs begin with SIGINT ignored, and so would every command that a test interrupts.
if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
    signal.signal(signal.SIGINT, signal.default_int_handler)

# Generated input: the same in every CI run, so that luck loses no landing; new every time on a person's machine.
hypothesis.settings.register_profile(
    "newsbeam", deadline=None, derandomize="CI" in os.environ, suppress_health_check=[hypothesis.HealthCheck.too_slow]
)
hypothesis.settings.load_profile("newsbeam")
