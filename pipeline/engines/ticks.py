"""The seats of an endless job: a few at every tick; each is the instant (epoch seconds) that it is meant for."""

import apache_beam as beam
from apache_beam.io.flink.flink_streaming_impulse_source import FlinkStreamingImpulseSource
from apache_beam.pvalue import PCollection
from apache_beam.transforms.periodicsequence import PeriodicImpulse, RebaseMode
from apache_beam.utils.timestamp import Timestamp

from pipeline.engines.base import OnEngine
from transforms.clock import epoch_s

FLINK_SEATS = 2  # of one tick: Flink's source ticks in each of its subtasks, of which there is one for each worker


def ticking_seats(pipeline: beam.Pipeline, engine: OnEngine) -> PCollection[float]:
    """Return two seats for each worker every tick, without an end, from the source of ticks that the engine wants."""
    seats: PCollection[float]
    if engine.ticks == "flink":
        # Its ticks are empty and have no time: a seat is meant for the instant at which it is given. That is soon after
        # its tick: the source waits while all behind it is full, and a savepoint has no ticks to make up for.
        source = FlinkStreamingImpulseSource().set_interval_ms(max(1, round(engine.tick_s * 1000)))
        seats = pipeline | "Ticks" >> source | "Seats" >> beam.FlatMap(_seats_now, FLINK_SEATS)
    else:
        # The first tick is the job's start at the engine, not this call: ticks of the past would all come at once.
        impulse = PeriodicImpulse(fire_interval=engine.tick_s, rebase=RebaseMode.REBASE_START)
        seats = pipeline | "Ticks" >> impulse | "Seats" >> beam.FlatMap(_seats_of, engine.seats)
    return seats


def _seats_of(tick: Timestamp | float, count: int) -> list[float]:
    return [float(tick)] * count


def _seats_now(_tick: bytes, count: int) -> list[float]:
    return [epoch_s()] * count
