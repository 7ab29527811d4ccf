"""A test of pytest's in the measured child: the one part of it that imports more than memray."""
