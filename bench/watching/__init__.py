"""Courses of services whose truth is known, simulated and recorded, watched by several rules."""
