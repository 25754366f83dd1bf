"""The branches: each folder is a kind of service, and declares all that the core has to know of it (its `BRANCH`)."""
