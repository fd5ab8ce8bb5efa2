"""Shelly energy meters of every generation, over their local HTTP and WebSocket interfaces."""
