"""The intake room: every received file is read once, whole, before anything else may use it.

One pass finds what a file really is (`sniff`), checks its content by the rules of its format family (`fastq`,
`alignment`, `spectra`, `tables`) and computes its checksums (`source`). The outcome is a verdict (`verdict`) or a
Refusal: one sentence that names the file, the place in it, what was found, what was expected and what to do.
`receive` is the job of one run in a site, `inspect` the same for loose files. The rules are listed in docs/intake.md.
"""
