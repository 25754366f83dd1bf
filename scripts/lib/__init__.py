"""What several rooms share. Nothing in here imports a room."""
