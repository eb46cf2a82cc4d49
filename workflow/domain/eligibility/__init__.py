"""What is known of people year by year, and what the rules of awards make of it: advice, never a bar."""
