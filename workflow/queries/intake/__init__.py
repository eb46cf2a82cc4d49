"""What a unit's names still lack before they can be sent."""
