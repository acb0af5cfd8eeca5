"""What both services share: identifiers, kinds, problems, databases, tokens and the wire between the services."""
