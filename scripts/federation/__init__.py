"""The federation desk: allele counts of many donors, added up across facilities, published without any one of them.

regions     where a sample's genotype is known, and in how many copies
genotypes   one sample as a table: its alleles, and its callable regions
table       tables of counts, and their sum
donors      who is in a table, as keyed digests
suppress    what is too rare to be published
release     the published dataset: parquet in the GDI's form, manifest, encrypted archive
beacon      answers from a published dataset
"""
