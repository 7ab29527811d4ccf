"""The service's ports over Redis, SQLAlchemy and HTTP, and the embedded default of each."""
