# Home Assistant puts probatio in voluptuous' place when it starts; the type checker has to as well.
from probatio import *
