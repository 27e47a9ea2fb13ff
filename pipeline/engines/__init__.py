"""The engines that can run the graph: one file and one line each. Nothing else in newsbeam names a runner of Beam.

`local` is not among them: it is Beam's in-process runner, built by our own code (`local.py`).
"""

from pipeline.engines import dataflow, flink, portable, prism, spark
from pipeline.engines.base import Engine

LOCAL = "local"
ENGINES: dict[str, Engine] = {
    "prism": prism.ENGINE,
    "flink": flink.ENGINE,
    "portable": portable.ENGINE,
    "spark": spark.ENGINE,
    "dataflow": dataflow.ENGINE,
}
RUNNERS = (LOCAL, *ENGINES)
