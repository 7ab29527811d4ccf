"""The probes: one module for each place that a signal is read from."""
