"""Checks on other machines: what is sent there, what happens there, and what comes back."""
