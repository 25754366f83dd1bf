"""The quality of one run as mzQC (HUPO-PSI mzQC 1.0.0): what was measured of its spectra, in PSI-MS terms."""

from typing import NamedTuple

from mzqc import MZQCFile as mzqc

from scripts.lib.files import read_json, written

#: It has the units too.
VOCABULARY = mzqc.ControlledVocabulary(
    name="PSI-MS",
    uri="https://github.com/HUPO-PSI/psi-ms-CV/releases/download/v4.2.2/psi-ms.obo",
    version="4.2.2",
)
COUNT, SECOND = (
    mzqc.CvParameter(accession=accession, name=name)
    for accession, name in (("UO:0000189", "count unit"), ("UO:0000010", "second"))
)
#: What the received file is, by its name.
FORMATS = {
    ".mzml": ("MS:1000584", "mzML format"),
    ".mzxml": ("MS:1000566", "ISB mzXML format"),
    ".cdf": ("MS:1002441", "Andi-MS format"),
    ".nc": ("MS:1002441", "Andi-MS format"),
}
#: The date that the format demands where the sheet has none: nothing of the minute in which a job runs.
UNDATED = "1970-01-01"


def metrics(spectra: dict, features: dict) -> list[mzqc.QualityMetric]:
    """Terms of the PSI-MS vocabulary; what could not be measured is left out."""
    levels = spectra["spectra_per_ms_level"]
    found = [
        ("MS:4000059", "number of MS1 spectra", levels.get("1", 0), COUNT),
        ("MS:4000060", "number of MS2 spectra", levels.get("2", 0), COUNT),
        ("MS:4000029", "area under TIC in MS1", spectra["tic_sum"], None),
        ("MS:4000102", "number of detected quantification data points", features["features"], COUNT),
    ]
    if spectra["rt_min_s"] is not None:
        found += [
            ("MS:4000053", "chromatography duration", round(spectra["rt_max_s"] - spectra["rt_min_s"], 3), SECOND),
            ("MS:4000070", "retention time acquisition range", [spectra["rt_min_s"], spectra["rt_max_s"]], SECOND),
        ]
    return [mzqc.QualityMetric(accession=term, name=name, value=value, unit=unit) for term, name, value, unit in found]


def document(
    spectra: dict, features: dict, name: str, tag: dict[str, str], acquired: str, facility: dict, software: list
) -> str:
    """The mzQC file's text. `name` is the run's received file as it is delivered."""
    kind = next(term for ending, term in FORMATS.items() if name.lower().removesuffix(".gz").endswith(ending))
    input_file = mzqc.InputFile(
        name=name,
        location=f"file:received/{name}",  # a URI, as the format asks, of which nothing tells this machine
        fileFormat=mzqc.CvParameter(accession=kind[0], name=kind[1]),
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
        qualityMetrics=metrics(spectra, features),
    )
    return mzqc.JsonSerialisable.to_json(
        mzqc.MzQcFile(
            creationDate=f"{acquired or UNDATED}"[:10] + "T00:00:00Z",
            version="1.0.0",
            contactName=facility["name"],
            contactAddress=facility["contact"],
            description="Quality of one LC-MS run: " + ", ".join(f"{key} {value}" for key, value in tag.items()),
            runQualities=[run],
            controlledVocabularies=[VOCABULARY],
        ),
        readability=1,
    )


class Paths(NamedTuple):
    statistics: str
    features: str
    quality: str


class Values(NamedTuple):
    tag: dict[str, str]
    name: str
    acquired: str
    facility: dict[str, str]
    software: list[list[str]]


def main(paths: Paths, values: Values) -> None:
    """Write `paths.quality` (mzQC) from `paths.statistics` and `paths.features` (JSON)."""
    spectra, features = read_json(paths.statistics), read_json(paths.features)
    about = values.name, values.tag, values.acquired, values.facility, values.software
    text = document(spectra, features, *about)
    with written(paths.quality) as handle:
        handle.write(text + "\n")


if __name__ == "__main__":
    from scripts.lib.job import run

    run(main, snakemake)  # noqa: F821
