"""What the 1+ Million Genomes framework asks to be told of a human genomics order and of each of its samples."""
