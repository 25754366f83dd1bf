"""A Beacon v2 on a published dataset: is this allele known here, how many are there in this stretch? Nothing else.

question  what was asked, checked
store     the dataset's parquet files, asked by DuckDB
answers   the documents of the Beacon v2 framework
limits    how often one may ask, and the log, which knows of nobody
server    the web application
"""
