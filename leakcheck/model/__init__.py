"""The vocabulary of leakcheck: pure data that imports nothing else of ours."""
