"""What holds for all tests: nothing is judged by how long it took."""

from hypothesis import HealthCheck, settings

# On top of what hypothesis itself chooses, which is stricter about time on a desk than in CI.
settings.register_profile("patient", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("patient")
