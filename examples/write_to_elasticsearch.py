"""Write a file of JSON lines into an index: `ES_URL=... ES_API_KEY=... python write_to_elasticsearch.py FILE INDEX`."""

import json
import sys

import apache_beam as beam

from transforms.write_elasticsearch import WriteToElasticsearch


def main(path: str, index: str) -> None:
    """Write the file's documents under their own `id` and `version`; print what could not be stored, and why."""
    with beam.Pipeline() as pipeline:
        documents = pipeline | beam.io.ReadFromText(path) | beam.Map(json.loads)
        outcome = documents | WriteToElasticsearch(
            index, id_of=lambda document: document["id"], version_of=lambda document: document["version"]
        )
        _ = outcome.failed | beam.Map(lambda each: print(each.id, each.reason, each.message))  # noqa: T201


if __name__ == "__main__":
    main(*sys.argv[1:])
