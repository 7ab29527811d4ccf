"""Many checks as one: workloads by interpreters and variables, planned, resumed, reported."""
