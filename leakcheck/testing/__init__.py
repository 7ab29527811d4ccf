"""A session of pytest's whose tests are looped: each is handed on to a child, and judged."""
