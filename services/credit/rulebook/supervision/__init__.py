"""The rules of supervision, one TOML text each: grounds of lists, supervision classes and their measures."""
