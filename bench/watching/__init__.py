"""Simulated and recorded courses of services whose truth is known, watched by rules of all kinds."""
