"""What will be sent if nobody acts, asked of the rules that send it; nothing here writes."""
