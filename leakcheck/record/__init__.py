"""The run record on disk: its codec, its upgrades, its store, and what is derived for CI."""
