"""mzQC files are what mzQC 1.0.0 asks for, with terms as the vocabularies name them."""

from __future__ import annotations

import json
from datetime import datetime
from pathlib import Path
from types import SimpleNamespace
from urllib.parse import urlsplit

import jsonschema
import pyopenms
import pytest
from mzqc.MZQCFile import JsonSerialisable
from mzqc.SemanticCheck import SemanticCheck

from scripts.lib.files import write_json
from scripts.spectra import quality

TAG = {"facility": "CNR-IBSBC", "proposal": "P1", "service": "MET-UNTARGETED", "sample": "S1", "run": "R1"}
MEASURED = {"spectra_per_ms_level": {"1": 30, "2": 10}, "tic_sum": 1.5e8, "rt_min_s": 60.0, "rt_max_s": 89.0}
NOTHING = {"spectra_per_ms_level": {}, "tic_sum": 0.0, "rt_min_s": None, "rt_max_s": None}

TEXT, URI, TERM = {"type": "string"}, {"type": "string", "format": "uri"}, {"$ref": "#/definitions/term"}


def closed(required: str, **others) -> dict:
    """An object with these keys and no others; those of `required` must be there."""
    return {"type": "object", "required": required.split(), "properties": others, "additionalProperties": False}


def several(item: dict) -> dict:
    return {"type": "array", "minItems": 1, "items": item}


#: The rules of https://hupo-psi.github.io/mzQC/ for a file of runs, condensed.
SCHEMA = closed(
    "mzQC",
    mzQC=closed(
        "version creationDate controlledVocabularies runQualities",
        version={"type": "string", "pattern": r"^\d+\.\d+\.\d+$"},
        creationDate={"type": "string", "format": "date-time"},
        description=TEXT,
        contactName=TEXT,
        contactAddress=TEXT,
        controlledVocabularies=several(closed("name uri", name=TEXT, uri=URI, version=TEXT)),
        runQualities=several(
            closed(
                "metadata qualityMetrics",
                metadata=closed(
                    "inputFiles analysisSoftware",
                    label=TEXT,
                    inputFiles=several(
                        closed(
                            "name location fileFormat",
                            name=TEXT,
                            location=URI,
                            fileFormat=TERM,
                            fileProperties=several(TERM),
                        )
                    ),
                    analysisSoftware=several(
                        {"allOf": [TERM, {"required": ["version", "uri"], "properties": {"version": TEXT, "uri": URI}}]}
                    ),
                    cvParameters=several(TERM),
                ),
                qualityMetrics=several({"allOf": [TERM, {"properties": {"unit": {"anyOf": [TERM, several(TERM)]}}}]}),
            )
        ),
    ),
) | {
    "definitions": {
        "term": {
            "type": "object",
            "required": ["accession", "name"],
            "properties": {"accession": {"type": "string", "pattern": "^[A-Z]+:[A-Z0-9]+$"}, "name": TEXT},
        }
    }
}
FORMATS = jsonschema.FormatChecker(formats=())


@FORMATS.checks("uri")
def is_uri(value) -> bool:
    return bool(urlsplit(value).scheme and urlsplit(value).path + urlsplit(value).netloc)


@FORMATS.checks("date-time", raises=ValueError)
def is_moment(value) -> bool:
    return datetime.fromisoformat(value).tzinfo is not None


def written(tmp_path, spectra=MEASURED, name="S1_R1.mzML") -> Path:
    paths = SimpleNamespace(**{kind: tmp_path / f"{kind}.json" for kind in ("statistics", "features", "quality")})
    write_json(paths.statistics, spectra)
    write_json(paths.features, {"features": 12})
    facility = {"name": "OASI", "contact": "metabolomics@ibsbc.example"}
    about = {"acquired": "2026-03-11", "facility": facility, "software": [["OpenMS", "3.6.0"]]}
    quality.main(paths, SimpleNamespace(tag=TAG, name=name, **about))
    return paths.quality


@pytest.mark.parametrize("spectra", [MEASURED, NOTHING], ids=["a run", "an empty run"])
def test_the_file_has_the_structure_that_the_standard_asks_for(tmp_path, spectra):
    found = json.loads(written(tmp_path, spectra).read_text())
    jsonschema.Draft7Validator.check_schema(SCHEMA)
    validator = jsonschema.Draft7Validator(SCHEMA, format_checker=FORMATS)
    assert [error.message for error in validator.iter_errors(found)] == []
    found["mzQC"]["runQualities"][0]["metadata"]["inputFiles"][0]["location"] = "S1_R1.mzML"
    assert [error.validator for error in validator.iter_errors(found)] == ["format"], "a name is no location"


def test_every_term_is_named_and_used_as_the_vocabulary_says(tmp_path):
    local = Path(pyopenms.__file__).parent / "share" / "OpenMS" / "CV" / "psi-ms.obo"
    document = JsonSerialisable.from_json(written(tmp_path).read_text())
    (vocabulary,) = document.controlledVocabularies
    vocabulary.uri = f"file://{local}"  # nothing is loaded from the net
    check = SemanticCheck(document)
    check.validate(load_local=True)
    said = [issue._to_string() for issues in check.values() for issue in issues]
    # The definitions of terms are not repeated; that a vocabulary is a local copy is this test's doing.
    allowed = ("WARNING: Used CVTerm without definition", "ERROR: Loading local vocabulary")
    assert [text for text in said if not text.startswith(allowed)] == []


@pytest.mark.parametrize(
    ("name", "kind"),
    [("S1.mzML.gz", "mzML format"), ("S1.mzXML", "ISB mzXML format"), ("S1.cdf", "Andi-MS format")],
)
def test_the_received_format_is_told(tmp_path, name, kind):
    (run,) = json.loads(written(tmp_path, name=name).read_text())["mzQC"]["runQualities"]
    (file,) = run["metadata"]["inputFiles"]
    assert file == {"name": name, "location": f"file:received/{name}", "fileFormat": file["fileFormat"]}
    assert file["fileFormat"]["name"] == kind
