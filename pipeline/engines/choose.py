"""From the user's settings to a job on an engine; what cannot work is refused before anything is done."""

import re
from contextlib import closing
from pathlib import Path

from pipeline.engines import ENGINES, LOCAL
from pipeline.engines.base import Engine, Given, OnEngine, Request
from pipeline.engines.environment import LAUNCHER
from pipeline.settings import Settings
from pipeline.stores import file_of
from transforms.errors import ConfigurationError
from transforms.index import open_store
from transforms.state import open_state
from transforms.state.base import Sharing

_REACH: dict[Sharing, int] = {"process": 0, "host": 1, "network": 2}
_OURS = ("runner", "streaming", "job_name")


def require_engine(settings: Settings, *, streaming: bool) -> None:
    """Raise `ConfigurationError` when the chosen runner cannot do this, or lacks something."""
    on_engine(settings, "check", streaming=streaming)


def on_engine(settings: Settings, run_id: str, *, streaming: bool) -> OnEngine | None:
    """Return how the settings want a run's job to be run; None for the local runner. Raises `ConfigurationError`."""
    name, options = settings.run.runner, settings.engines.options
    if name == LOCAL:
        if options:
            raise ConfigurationError(
                f"--runner local takes no Beam options ({' '.join(options)}): it is set up by run.workers and"
                f" run.threads; for another engine give --runner {', '.join(ENGINES)}"
            )
        return None
    engine, given = ENGINES[name], Given(options)
    _can(engine, streaming=streaming)
    _no_contradiction(given)
    _shared(engine, given, settings)
    folder = records_folder(settings)
    request = Request(
        given=given,
        job_name="newsbeam-" + re.sub(r"[^a-z0-9]+", "-", run_id.lower()),
        streaming=streaming,
        workers=settings.run.processes,
        worker=str(folder / LAUNCHER),
        checkpoint_s=settings.engines.checkpoint_s,
        flink_rest=settings.engines.flink_rest or _master(given),
    )
    ours = [f"--runner={engine.beam_runner}", f"--job_name={request.job_name}", "--no_save_main_session"]
    ours += ["--streaming"] if streaming else []
    ours += ["--default_sdk_harness_log_level=ERROR"] if not given.has("default_sdk_harness_log_level") else []
    return OnEngine(
        engine=name,
        options=(*ours, *engine.options(request), *options),
        job_name=request.job_name,
        records=str(folder),
        ending=engine.ending,
        stop_s=engine.stop_s,
        seats=2 * request.parallelism(),
        streaming=streaming,
        ticks=engine.ticks(request),
        replaces_workers=engine.replaces_workers,
        tick_s=settings.engines.tick_s,
        flink_rest=request.flink_rest,
        savepoints=settings.engines.savepoints,
    )


def records_folder(settings: Settings) -> Path:
    """Return where jobs on engines are recorded: beside the ledger's file, else beside the feed list."""
    ledger = file_of(settings.state)
    if ledger is not None:
        return ledger.with_name(ledger.name + ".engines")
    return settings.feeds.parent / "newsbeam.engines"


def _can(engine: Engine, *, streaming: bool) -> None:
    if streaming and not engine.streaming:
        can = ", ".join(name for name, each in ENGINES.items() if each.streaming)
        raise ConfigurationError(
            f"--runner {engine.name} runs bounded jobs only (`ingest`, `backfill`); for `schedule` take {can}, or local"
        )
    if not streaming and not engine.bounded:
        raise ConfigurationError(f"--runner {engine.name} runs unbounded jobs only (`schedule`)")


def _no_contradiction(given: Given) -> None:
    """Refuse what newsbeam decides, and words that Beam would leave out without saying so."""
    for before, word in zip(("", *given.options), given.options, strict=False):
        if not word.startswith("-") and (not before.startswith("--") or "=" in before):
            raise ConfigurationError(
                f"engines.options: {word!r} is no option, and Beam would ignore it; write --{word.lstrip('-')}"
            )
    for name in _OURS:
        if given.has(name):
            raise ConfigurationError(
                f"--{name} behind -- is decided by newsbeam: leave it out (the engine is --runner)"
            )


def _shared(engine: Engine, given: Given, settings: Settings) -> None:
    """Refuse a ledger or a store that the engine's workers cannot all reach."""
    spread = engine.spread(given)
    with closing(open_state(settings.state)) as state:
        reach: list[tuple[str, str, Sharing]] = [("state", settings.state, state.sharing)]
    with closing(open_store(settings.store, project=settings.project)) as store:
        reach.append(("store", settings.store, store.sharing))
    for option, spec, sharing in reach:
        if _REACH[sharing] < _REACH[spread]:
            where = "on several machines" if spread == "network" else "in several processes"
            raise ConfigurationError(
                f"--runner {engine.name} may work {where}, and --{option} {spec} is shared within one"
                f" {'machine' if sharing == 'host' else 'process'} only; give --{option} elasticsearch"
            )


def _master(given: Given) -> str | None:
    """Return the REST address of a Flink cluster that the options name."""
    master = given.value("flink_master")
    if master is None or master.startswith("["):
        return None
    return master if "//" in master else f"http://{master}"
