"""A delivered sample held against a known truth: precision, recall and genotypes, by type, size and stratum.

received    truth, calls and regions, as they are read
regions     what lies in a BED
units       records as edits of two haplotypes
haplotypes  which units of both sides spell the same haplotypes
compare     who was found, missed, wrong
table       counts, and what follows from them
history     earlier runs of the site
draw, page  the picture and the page
judge       all of it, for the desk
"""
