"""Running a workload in a fresh process and reading its signals."""
