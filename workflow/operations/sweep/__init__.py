"""What time has made due: rungs fired, letters delivered, signs of life."""
