"""People who slip, at the guided screens: a model of them, and time that is only counted."""
