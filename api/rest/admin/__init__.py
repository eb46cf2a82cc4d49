"""What only who runs or audits the whole installation asks for."""
