"""`python -m tests.benchmarks` is `python tests/benchmarks/run.py`."""

from tests.benchmarks.run import main

main()
