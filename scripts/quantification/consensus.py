"""The delivered consensusXML and fragment spectra: without the samples that were not accepted."""

from typing import NamedTuple

import pyopenms as oms

from scripts.lib.files import read_json, read_tsv, written, xml_aside

# OpenMS writes its progress past the job's log.
oms.LogConfigHandler.getInstance().setLogLevel("FATAL_ERROR")


def without(consensus: oms.ConsensusMap, refused: set[str]) -> oms.ConsensusMap:
    """The map without the runs of the refused samples, and without what only they showed."""
    headers = consensus.getColumnHeaders()
    gone = {number for number, header in headers.items() if header.label in refused}
    if not gone:
        return consensus
    result = oms.ConsensusMap(consensus)
    result.clear(False)
    result.setColumnHeaders({number: header for number, header in headers.items() if number not in gone})
    for feature in consensus:
        rest = [handle for handle in feature.getFeatureList() if handle.getMapIndex() not in gone]
        if rest:
            kept = oms.ConsensusFeature(feature)
            kept.clear()
            for handle in rest:
                kept.insert(handle)
            result.push_back(kept)
    return result


def mgf(spectra: dict[str, dict], features: dict[str, oms.ConsensusFeature], tag: dict[str, str]):
    """Lines of an MGF, a block a feature; intensities are per cent of the base peak."""
    for name, each in spectra.items():
        if name not in features:
            continue
        feature = features[name]
        sign = "-" if str(feature.getMetaValue("polarity")) == "negative" else "+"
        yield "BEGIN IONS"
        yield f"TITLE={name}"
        yield f"FEATURE_ID={name}"
        yield f"PEPMASS={feature.getMZ():.6f}"
        yield f"CHARGE={feature.getCharge() or 1}{sign}"
        yield f"RTINSECONDS={feature.getRT():.3f}"
        yield "MSLEVEL=2"
        yield f"SPECTRA={each['spectra']}"
        for field, value in tag.items():
            yield f"FILIERA_{field.upper()}={value}"
        for mz, share in each["peaks"]:
            yield f"{mz:.5f} {100 * share:.3f}"
        yield "END IONS"
        yield ""


class Paths(NamedTuple):
    consensus: str
    spectra: str
    acceptance: str
    delivered: str
    mgf: str


class Values(NamedTuple):
    tag: dict[str, str]


def main(paths: Paths, values: Values) -> None:
    """Write `paths.delivered` (consensusXML) and `paths.mgf` from `paths.consensus` and `paths.spectra`."""
    consensus = oms.ConsensusMap()
    oms.ConsensusXMLFile().load(str(paths.consensus), consensus)
    refused = {row["sample"] for row in read_tsv(paths.acceptance) if row["verdict"] == "fail"}
    delivered = without(consensus, refused)
    with xml_aside(paths.delivered) as part:
        oms.ConsensusXMLFile().store(str(part), delivered)
    features = {str(feature.getMetaValue("feature")): feature for feature in delivered}
    with written(paths.mgf) as handle:
        for line in mgf(read_json(paths.spectra)["spectra"], features, values.tag):
            handle.write(f"{line}\n")


if __name__ == "__main__":
    from scripts.lib.job import run

    run(main, snakemake)  # noqa: F821
