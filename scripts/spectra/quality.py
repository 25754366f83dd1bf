"""The quality of one run as mzQC (HUPO-PSI mzQC 1.0.0): what was measured of its spectra, in PSI-MS terms."""

from mzqc import MZQCFile as mzqc

from scripts.lib.files import read_json, written

MS = "https://github.com/HUPO-PSI/psi-ms-CV/releases/download/v4.1.199/psi-ms.obo"
#: The date that the format demands where the sheet has none: nothing of the minute in which a job runs.
UNDATED = "1970-01-01"


def metrics(spectra: dict) -> list[mzqc.QualityMetric]:
    """Terms of the PSI-MS vocabulary; what could not be measured is left out."""
    levels = spectra["spectra_per_ms_level"]
    found = [
        ("MS:4000059", "number of MS1 spectra", levels.get("1", 0)),
        ("MS:4000060", "number of MS2 spectra", levels.get("2", 0)),
        ("MS:4000029", "area under TIC", spectra["tic_sum"]),
    ]
    if spectra["rt_min_s"] is not None:
        found += [
            ("MS:4000053", "chromatography duration", round(spectra["rt_max_s"] - spectra["rt_min_s"], 3)),
            ("MS:4000070", "retention time acquisition range", [spectra["rt_min_s"], spectra["rt_max_s"]]),
        ]
    if spectra["mz_min"] is not None:
        found.append(("MS:4000069", "m/z acquisition range", [spectra["mz_min"], spectra["mz_max"]]))
    return [mzqc.QualityMetric(accession=term, name=name, value=value) for term, name, value in found]


def document(spectra: dict, name: str, tag: dict[str, str], acquired: str, facility: dict, software: list) -> str:
    """The mzQC file's text. `name` is the run's received file as it is delivered."""
    input_file = mzqc.InputFile(
        name=name,
        location=name,
        fileFormat=mzqc.CvParameter(accession="MS:1000584", name="mzML format"),
    )
    programs = [
        mzqc.AnalysisSoftware(
            accession="MS:1000752", name="TOPP software", version=version, uri="https://www.openms.de"
        )
        for _, version in software
    ]
    label = "/".join(tag.values())
    run = mzqc.RunQuality(
        metadata=mzqc.MetaDataParameters(label=label, inputFiles=[input_file], analysisSoftware=programs),
        qualityMetrics=metrics(spectra),
    )
    return mzqc.JsonSerialisable.to_json(
        mzqc.MzQcFile(
            creationDate=f"{acquired or UNDATED}"[:10] + "T00:00:00Z",
            version="1.0.0",
            contactName=facility["name"],
            contactAddress=facility["contact"],
            description="Quality of one LC-MS run: " + ", ".join(f"{key} {value}" for key, value in tag.items()),
            runQualities=[run],
            controlledVocabularies=[mzqc.ControlledVocabulary(name="PSI-MS", uri=MS, version="4.1.199")],
        ),
        readability=1,
    )


def main(paths, values) -> None:
    """Write `paths.quality` (mzQC) from `paths.statistics` (JSON of the run's spectra)."""
    text = document(
        read_json(paths.statistics), values.name, values.tag, values.acquired, values.facility, values.software
    )
    with written(paths.quality) as handle:
        handle.write(text + "\n")


if __name__ == "__main__":
    from scripts.lib.job import run

    run(main, snakemake)  # noqa: F821
