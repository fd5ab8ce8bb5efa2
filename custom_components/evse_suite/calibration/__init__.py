"""What a meter is worth: how often, how finely and how reliably it really measures."""
