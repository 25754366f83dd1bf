"""The ledger: what became of each order, who did it, when; how long it is kept, and the proof that it was deleted.

entries     one line of the audit trail, and the chain of hashes that holds them together
states      the states of an order, the legal moves, and an order's account folded from its entries
moves       what may be entered when: received, running, packaged, released, terminated, ...
store       the table: SQLite or PostgreSQL, append-only
witness     head.json beside it, which names the newest entry
check       what was changed by hand
retention   calendar months and midnights
claims      what each order names, and ever named
protected   what no purge deletes, whatever a sheet says
received    which received files are an order's own
holdings    the files and folders that are an order's alone
borrowed    what an order reads of another's
plan        what is to be deleted, written down with its hashes, and what was
purge       deletion: planned, carried out, resumed
keys        the facility's signing key
certificate the signed proof of a deletion
"""
