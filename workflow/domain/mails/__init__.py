"""When letters leave: their classes, what a person prefers, and which of them go out as one."""
