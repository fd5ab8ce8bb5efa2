"""Plans in Home Assistant: what they are made of, who keeps them and carries them out."""
