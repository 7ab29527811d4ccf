"""Real leaks: releases of public packages that leaked, each beside one that does not.

A file here is a workload for both sides of its pair; `cases` lists the pairs, `environments` makes
the environment of a side, and `verify` counts by brute force what each side grows by, into
index.json.
"""
