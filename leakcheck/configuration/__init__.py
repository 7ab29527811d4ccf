"""The configuration: what a project says of its runs, for every way in."""
