"""Control laws of other systems, re-implemented from descriptions of their behaviour."""
