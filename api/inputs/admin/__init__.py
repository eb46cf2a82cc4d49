"""What whoever runs or audits the whole installation asks for."""
