"""What is said of a checked workload in plain text, whoever says it."""
