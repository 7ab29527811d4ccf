"""Workloads for leakcheck to run."""
