"""The report: a workflow of nodes over one state, its schedule, and the registry of its runs."""
