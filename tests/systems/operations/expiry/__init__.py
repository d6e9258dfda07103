"""What runs out."""
