"""What leakcheck is measured with: workloads it runs, and benchmarks."""
