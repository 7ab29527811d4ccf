"""Since when: a workload put to one version, or one commit, after another."""
