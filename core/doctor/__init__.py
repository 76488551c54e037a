"""What the doctor finds: the facts are gathered elsewhere, what they mean is decided here."""
