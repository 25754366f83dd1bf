"""The reception desk: what arrived is held against order and service, gets its pseudonym, its label and a receipt."""
