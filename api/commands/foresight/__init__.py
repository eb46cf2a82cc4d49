"""What will be sent, and what another date or another route would move."""
