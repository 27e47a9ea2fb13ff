"""A Beam worker process of the local runner, with our logging: `python -m pipeline.worker`, started by the runner."""

from pipeline.quiet import log_to_stderr


def main() -> None:
    """Run the worker until its runner ends."""
    log_to_stderr()
    import sys

    from apache_beam.runners.worker import sdk_worker_main

    sdk_worker_main.main(sys.argv)


if __name__ == "__main__":
    main()
