"""The history as a static site: runs with their verdicts, trends, and the pages of records."""
