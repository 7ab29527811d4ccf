"""Workloads whose truth is known, for measuring how often a verdict is right."""
