"""What an installation is made of before its first round."""
