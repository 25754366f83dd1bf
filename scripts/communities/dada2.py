"""Exact variants by DADA2, which is a package of R."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from pathlib import Path

from scripts.communities.found import Found, Run
from scripts.communities.programs import call
from scripts.lib.files import read_tsv, write_tsv
from scripts.lib.refusal import Refusal

#: One table in (run, forward, reverse), two out: variants of each run, reads after each step. Random numbers are only
#: drawn where reads are many more than the error model is learnt from, and not here: `randomize` is off.
PROGRAM = r"""
suppressPackageStartupMessages(library(dada2))
given <- commandArgs(TRUE)
option <- function(name) given[match(paste0("--", name), given) + 1]
number <- function(name) as.numeric(option(name))
runs <- read.delim(option("runs"), colClasses = "character")
paired <- option("paired") == "yes"
folder <- option("folder")
cut <- if (paired) c(number("trim_forward"), number("trim_reverse")) else number("trim_forward")
errors <- number("max_expected_errors")
one <- file.path(folder, paste0(runs$run, "_1.fastq.gz"))
two <- file.path(folder, paste0(runs$run, "_2.fastq.gz"))
same <- list(truncLen = cut, maxN = 0, truncQ = 2, rm.phix = FALSE, minLen = 20, compress = TRUE, multithread = FALSE)
out <- if (paired) {
  do.call(filterAndTrim, c(list(runs$forward, one, runs$reverse, two, maxEE = c(errors, errors)), same))
} else do.call(filterAndTrim, c(list(runs$forward, one, maxEE = errors), same))
steps <- data.frame(run = runs$run, quality = out[, "reads.out"], merged = 0)
there <- which(steps$quality > 0)
rows <- list()
if (length(there)) {
  pool <- option("pooled") == "yes"
  infer <- function(files) {
    model <- learnErrors(files, multithread = FALSE, randomize = FALSE, verbose = FALSE)
    found <- dada(files, err = model, pool = pool, multithread = FALSE, verbose = FALSE)
    if (length(files) == 1) list(found) else found
  }
  forward <- infer(one[there])
  tables <- forward
  if (paired) {
    reverse <- infer(two[there])
    tables <- lapply(seq_along(there), function(i) mergePairs(
      forward[[i]], one[there[i]], reverse[[i]], two[there[i]],
      minOverlap = number("min_overlap"), maxMismatch = number("max_overlap_mismatches"), trimOverhang = TRUE))
  }
  names(tables) <- runs$run[there]
  tables <- tables[sapply(tables, function(each) length(getUniques(each)) > 0)]
  if (length(tables)) {
    table <- makeSequenceTable(tables)
    chimeric <- isBimeraDenovoTable(table, multithread = FALSE)
    for (run in rownames(table)) {
      mine <- which(table[run, ] > 0)
      rows[[run]] <- data.frame(run = run, sequence = colnames(table)[mine], reads = as.integer(table[run, mine]),
        chimera = ifelse(chimeric[mine], "yes", "no"))
      steps$merged[steps$run == run] <- sum(table[run, ])
    }
  }
}
write <- function(data, path) write.table(data, path, sep = "\t", quote = FALSE, row.names = FALSE)
write(steps, option("steps"))
write(if (length(rows)) do.call(rbind, rows) else
  data.frame(run = character(), sequence = character(), reads = integer(), chimera = character()), option("variants"))
"""
#: Reads with fewer different qualities come from an instrument that bins them, of which DADA2 learns no error model.
BINNED = 8


def find(runs: Sequence[Run], recipe: dict, folder: Path) -> Found:
    """The variants of runs, batch by batch: each has an error model of its own."""
    batches: dict[str, list[Run]] = defaultdict(list)
    for run in runs:
        batches[run.batch].append(run)
    whole = Found()
    for number, members in enumerate(batches.values()):
        where = folder / f"batch{number}"
        where.mkdir()
        whole.add(_batch(members, recipe, where))
    return whole


def _batch(runs: Sequence[Run], recipe: dict, folder: Path) -> Found:
    told = [run for run in runs if run.primers]
    if not told:
        return Found()
    if (kinds := len(set().union(*(run.qualities for run in told)))) < BINNED and recipe["variants"] == "dada2":
        binned = f"qualities of {kinds} values, as NovaSeq and NextSeq bin them"
        cure = "say `variants: unoise` in the recipe, which learns no error model"
        raise Refusal(f"run {told[0].name}", binned, f"at least {BINNED} values, to learn DADA2's error model", cure)
    paired = recipe["reads"] == "pairs"
    sheet = [{"run": str(run.number), "forward": run.forward, "reverse": run.reverse} for run in told]
    write_tsv(folder / "sheet.tsv", ["run", "forward", "reverse"], sheet)
    (folder / "program.R").write_text(PROGRAM, encoding="utf-8")
    names = ("trim_forward", "trim_reverse", "max_expected_errors", "min_overlap", "max_overlap_mismatches")
    words = [word for name in names for word in (f"--{name}", recipe[name])]
    words += ["--pooled", "yes" if recipe["pooled"] else "no", "--paired", "yes" if paired else "no"]
    tables = {name: folder / f"{name}.tsv" for name in ("variants", "steps")}
    words += [word for name, path in tables.items() for word in (f"--{name}", path)]
    call("Rscript", "--vanilla", folder / "program.R", "--runs", folder / "sheet.tsv", "--folder", folder, *words)
    found = Found()
    for row in read_tsv(tables["variants"]):
        found.count(row["sequence"], int(row["run"]), int(row["reads"]), row["chimera"] == "yes")
    for row in read_tsv(tables["steps"]):
        found.steps[int(row["run"])] = {"quality": int(row["quality"]), "merged": int(row["merged"])}
    return found
