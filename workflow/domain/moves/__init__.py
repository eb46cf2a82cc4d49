"""What an action does to a nomination."""
