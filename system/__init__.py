"""A small but complete market-report service: the service under test.

It imports nothing here: what needs a part of it names the part.
"""
