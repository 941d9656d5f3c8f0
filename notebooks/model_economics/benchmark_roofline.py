"""Time the serving model: ``python -m model_economics.benchmark_roofline`` in ``notebooks/``.

Predicts a million rows drawn from the measured ones and prints the seconds. One core of a
2025 cloud machine needs 0.9 s.
"""

import time

from model_economics import datasets, roofline


def main(count=1_000_000):
    """Print the seconds that ``count`` rows take, tables loaded beforehand."""
    measured = datasets.load("serving_throughput")
    rows = measured[measured["use"] == "fit"].sample(count, replace=True, random_state=0)
    tables = {
        "models": datasets.load("llm_architectures"),
        "gpus": datasets.load("gpu_specs"),
        "efficiencies": datasets.load("roofline_efficiencies"),
    }
    start = time.perf_counter()
    roofline.predict(rows, **tables)
    print(f"{count:,} rows in {time.perf_counter() - start:.2f} s")


if __name__ == "__main__":
    main()
