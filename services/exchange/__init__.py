"""The exchange service: the door through which agencies push, pull and are known."""
