"""Pictures of run records; they see leakcheck's model and record, nothing else of it."""
