"""The samtools and bcftools inside pysam, for shell pipes: `python -m scripts.lib.hts bcftools call -mv -`.

Debian ships 1.16; indel calling with genotypes is measurably better in the 1.24 that pysam carries.
"""

import subprocess
import sys


def main(argv: list[str]) -> int:
    if argv == ["--version"]:
        from pysam import version

        print(f"samtools {version.__samtools_version__}\nbcftools {version.__bcftools_version__}")
        return 0
    tool, command, *arguments = argv
    # Only the tool asked for is loaded: the two are separate compiled modules.
    if tool == "samtools":
        import pysam.samtools as module
    else:
        import pysam.bcftools as module
    from pysam.utils import SamtoolsError

    # pysam opens its standard output by name. Our own has one only if it is a pipe, hence cat; what a command merely
    # prints would otherwise be lost.
    with subprocess.Popen(["cat"], stdin=subprocess.PIPE) as copy:
        assert copy.stdin is not None, "it was asked for"
        try:
            getattr(module, command)(*arguments, save_stdout=f"/dev/fd/{copy.stdin.fileno()}")
        except SamtoolsError as error:
            print(f"{tool} {command}: {error}", file=sys.stderr)
            return 1
    return copy.returncode


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
