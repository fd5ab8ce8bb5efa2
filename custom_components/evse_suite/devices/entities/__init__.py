"""Chargers and meters that already have entities in Home Assistant (SITE-8).

This is the package's door for those who set such devices up.
"""

from .check import missing, wrong_entities
from .home import HomeEntities
from .library import profiles
from .profile import Profile, ProfileKind
from .recognise import Found, recognise
from .roles import Role
from .setup import ENTITIES, INVERTED, PROFILE, Setup

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
    "missing",
    "profiles",
    "recognise",
    "wrong_entities",
]
