"""What holds for all tests: nothing is judged by how long it took, and Ctrl-C interrupts."""

import signal

from hypothesis import HealthCheck, settings

# On top of what hypothesis itself chooses, which is stricter about time on a desk than in CI.
settings.register_profile("patient", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.register_profile("brief", settings.get_profile("patient"), max_examples=25)
settings.load_profile("patient")

# A shell in the background has all that it starts ignore SIGINT, and so would what a test starts.
if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
    signal.signal(signal.SIGINT, signal.default_int_handler)
