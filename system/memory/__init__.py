"""What the service does about memory: its release steps, its metrics, its alert."""
