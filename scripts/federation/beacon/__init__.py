"""A Beacon v2 on a published dataset: is this allele known here, how many are there in this stretch? Nothing else.

request   what was asked for, and in which form, read whole from an address or a body
question  what was asked of the variants, checked
store     the dataset's parquet files, asked by DuckDB
answers   the documents of the Beacon v2 framework
limits    how often one may ask, and the log, which knows of nobody
server    the web application
"""
