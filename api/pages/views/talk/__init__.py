"""What people say beside a nomination."""
