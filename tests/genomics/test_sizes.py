"""The genomes by which it is told which sizes are found."""

from __future__ import annotations

from benchmarks.genomics import sizes


def test_haplotypes_hold_what_is_planted():
    made, planted = sizes.genome()
    for name, places in planted.items():
        kinds = {about[:2] for about in places.values()}
        lengths = [len(haplotype[name]) - len(made.reference[name]) for haplotype in made.haplotypes]
        ((kind, size),) = kinds if len(kinds) == 1 else (("end", 0),)
        if kind == "two":
            assert lengths == [len(places) * change for change in size]
        else:
            change = {"insertion": size, "deletion": -size, "end": 0}[kind]
            assert lengths == [len(places) * change, sum(about[2] for about in places.values()) * change]


def test_what_is_called_counts_where_it_is_planted_with_its_size(tmp_path):
    head = (
        "##fileformat=VCFv4.2\n##contig=<ID=a,length=9000>\n##contig=<ID=b,length=9000>\n##contig=<ID=c,length=9000>\n"
    )
    head += "#CHROM\tPOS\tID\tREF\tALT\tQUAL\tFILTER\tINFO\n"
    rows = ["a 998 A ACC 50", "a 2001 A ACCC 50", "a 3001 A ACC 9", "b 101 ACC A 50", "b 101 A AT 50", "c 51 A T 50"]
    lines = ("{}\t{}\t.\t{}\t{}\t{}\t.\t.\n".format(*row.split()) for row in rows)
    (tmp_path / "calls.vcf").write_text(head + "".join(lines))
    insertion, two, end = ("insertion", 2, True), ("two", (-2, 1), False), ("end", 50, True)
    planted = {"a": dict.fromkeys((1_000, 2_000, 3_000), insertion), "b": {100: two, 900: two}, "c": {50: end}}
    assert sizes.found(tmp_path / "calls.vcf", planted) == {insertion: 1, two: 1, end: 1}
