"""Coverage-guided fuzzing of the readers of untrusted bytes; run by ``make soak``.

``python -m tests.fuzz TARGET [-runs=N] [-max_total_time=SECONDS] ...``, with libFuzzer's options.
"""
