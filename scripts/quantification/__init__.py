"""Room quantification: runs aligned in time and linked across an order, and the matrix of areas in two formats."""
