"""What the exchange does: each module one concern, called by the edges and by the workers."""
