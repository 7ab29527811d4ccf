"""Programs that `leakcheck exec` is asked of, some of which leak: how often it is right."""
