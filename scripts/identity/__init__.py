"""Identity: whose sample it is. Sex, donor, parents, and how much of somebody else is in it."""
