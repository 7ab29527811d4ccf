"""What runs inside the measured process: the standard library and memray, nothing else."""
