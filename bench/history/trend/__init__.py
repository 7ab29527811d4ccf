"""What changed in a history, at which commit and by how much: from points to findings, pure."""
