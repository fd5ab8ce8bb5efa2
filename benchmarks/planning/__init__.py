"""What plans cost over months of prices, sun and plug-in times, beside other ways to charge."""
