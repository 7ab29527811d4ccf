"""Servers the service starts for itself where no URL is set, each in a process of its own."""
