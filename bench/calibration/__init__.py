"""The calibration study: how often the decision is wrong, and what it can find.

`python -m bench.calibration` runs simulated and recorded series through the decision that a real
run uses, look by look, and writes tables and plots under docs/.
"""
