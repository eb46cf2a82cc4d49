"""What who nominates brings together before a unit sends its names."""
