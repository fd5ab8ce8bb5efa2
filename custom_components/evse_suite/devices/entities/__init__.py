"""Chargers and meters that already have entities in Home Assistant (SITE-8).

This is the package's door for those who set such devices up.
"""

from .check import missing, wrong_entities
from .controls import least_a
from .home import HomeEntities
from .library import profiles
from .meter import channels
from .profile import Profile, ProfileKind
from .recognition import Found, recognise
from .roles import Role
from .setup import ENTITIES, INVERTED, PROFILE, Setup
from .values import watts

__all__ = [
    "ENTITIES",
    "INVERTED",
    "PROFILE",
    "Found",
    "HomeEntities",
    "Profile",
    "ProfileKind",
    "Role",
    "Setup",
    "channels",
    "least_a",
    "missing",
    "profiles",
    "recognise",
    "watts",
    "wrong_entities",
]
