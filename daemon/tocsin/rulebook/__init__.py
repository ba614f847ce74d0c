"""The YAML that a user edits: its models, its loading, its faults."""
