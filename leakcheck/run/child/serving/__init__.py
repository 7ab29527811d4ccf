"""An application under its own server, in the measured child; loaded for nothing else."""
