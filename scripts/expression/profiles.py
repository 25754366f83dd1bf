"""Genes x samples of an order, and the normalisation by which samples are compared."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
import pandas as pd


class Profiles(NamedTuple):
    """genes   gene, name and biotype of each row
    counts  fragments by featureCounts
    tpm     by salmon; both genes x samples
    """

    genes: pd.DataFrame
    counts: np.ndarray
    tpm: np.ndarray


def read(paths: Sequence[str]) -> Profiles:
    """The tables of genes of some samples, which must be of one annotation."""
    # Names of genes such as `nan` or `NA` are names.
    kinds = {"gene": str, "name": str, "biotype": str}
    tables = [pd.read_csv(path, sep="\t", dtype=kinds, keep_default_na=False) for path in paths]
    genes = tables[0][list(kinds)]
    for path, table in zip(paths, tables, strict=True):
        if not table["gene"].equals(genes["gene"]):
            raise ValueError(f"{path} has other genes than {paths[0]}")
    stacked = [np.column_stack([table[name].to_numpy() for table in tables]) for name in ("count", "tpm")]
    return Profiles(genes, *stacked)


def size_factors(counts: np.ndarray) -> np.ndarray:
    """Medians of ratios (Anders and Huber 2010, doi:10.1186/gb-2010-11-10-r106): of genes that every sample has, and
    where there are none, of those with counts in any, relative to their mean over samples that have them (`poscounts`
    of DESeq2)."""
    with np.errstate(divide="ignore"):
        logs = np.log(counts.astype(float))
    everywhere = np.isfinite(logs).all(axis=1)
    if everywhere.any():
        centres = logs[everywhere].mean(axis=1)
        return np.exp(np.median(logs[everywhere] - centres[:, None], axis=0))
    sums = np.where(np.isfinite(logs), logs, 0).sum(axis=1) / counts.shape[1]
    some = (counts > 0).any(axis=1)
    factors = np.ones(counts.shape[1])
    for column in range(counts.shape[1]):
        own = np.isfinite(logs[:, column]) & some
        if own.any():
            factors[column] = np.exp(np.median(logs[own, column] - sums[own]))
    return factors / np.exp(np.log(factors).mean())


def logged(counts: np.ndarray) -> np.ndarray:
    """log2 of normalised counts, and one."""
    return np.log2(counts / size_factors(counts) + 1)


def most_variable(values: np.ndarray, most: int) -> np.ndarray:
    """The rows of greatest variance."""
    order = np.argsort(-values.var(axis=1), kind="stable")
    return values[order[:most]]
