"""Driving an application: what a request is, and sending one over loopback."""
