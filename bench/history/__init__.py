"""Benchmarks that remember: every run in a database, its trend, and a site that shows both.

`facts` is the vocabulary; `benchmark_json` and `from_record` read what is imported; `tables`,
`database` and `store` keep it; `trend` finds what changed; `pages` draw it. `python -m
bench.history` is the command.
"""
