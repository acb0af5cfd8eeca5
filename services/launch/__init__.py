"""The composition root: the `zhixin` command, the one-process mode and the demo; imports both services, imported by none."""
