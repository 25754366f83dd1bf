"""The samtools and bcftools inside pysam, for shell pipes: `python -m scripts.lib.hts bcftools call -mv -`.

Debian ships 1.16; indel calling with genotypes is measurably better in the 1.24 that pysam carries.
"""

import sys


def main(argv: list[str]) -> None:
    if argv == ["--version"]:
        from pysam import version

        print(f"samtools {version.__samtools_version__}\nbcftools {version.__bcftools_version__}")
        return
    tool, command, *arguments = argv
    # Only the tool asked for is loaded: the two are separate compiled modules.
    if tool == "samtools":
        import pysam.samtools as module
    else:
        import pysam.bcftools as module
    getattr(module, command)(*arguments, catch_stdout=False)


if __name__ == "__main__":
    main(sys.argv[1:])
