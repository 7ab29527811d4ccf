"""How often a verdict is right: tools, cases whose truth is known, and tables of both.

`python -m bench.accuracy` runs them; `--help` tells how to choose.
"""
