"""Small workloads: what a service does in one iteration, and whether it leaks.

Every function of this package's modules that stands under `leaky` or `clean` is a case. Its
sizes and phases come from a seed (`dice`), so that five seeds are five cases. A case needs the
standard library only, but for one that needs numpy.
"""
