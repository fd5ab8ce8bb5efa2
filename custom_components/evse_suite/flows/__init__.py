"""The steps of setting up a site and its devices in the user interface."""
