"""What the samples of a run say: pure functions from a measurement to a judgement."""
