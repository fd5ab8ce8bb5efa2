"""The Glow display and CAD of a British smart meter, which publishes on a local MQTT broker."""
