"""Many checks at once: in threads of this process, or on the workers of a cluster."""

from leakcheck.fanout.local import at_once

__all__ = ["at_once"]
