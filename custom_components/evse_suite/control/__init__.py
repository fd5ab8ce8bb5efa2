"""The balancer: pure arithmetic that decides what every charger is offered.

The only door is ``decide.decide``; ``model`` is its vocabulary and ``memory`` what it carries from
one cycle to the next. Nothing in here knows of Home Assistant, of devices or of a clock.
"""
