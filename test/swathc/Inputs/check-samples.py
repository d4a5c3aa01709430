"""Whether pages show what commands print.

  check-samples.py SWATHC PAGE...

Runs each `$ swathc` command in an indented block of a page that takes no time, without
its picture, from the project's folder, and looks for the lines below it in what it
prints, in their order; "..." stands for any. Targets, stacks and registers are those
of the page's machine. Prints how many commands there were; exits with 1 where a line
is missing.
"""

import pathlib
import re
import shlex
import subprocess
import sys

COMMANDS = ["footprint", "explain", "diff", "schedule"]
ROOT = pathlib.Path(__file__).resolve().parents[3]


def samples(text):
    """Commands and the lines below them."""
    for block in re.split(r"\n\n(?! {4})", text):
        command, lines = "", []
        for line in block.split("\n") + ["    $ "]:
            if not line.startswith("    ") and line:
                continue
            line = line[4:]
            if line.startswith("$ "):
                if command:
                    yield command, lines
                command, lines = line[2:], []
            elif command.endswith("\\"):
                command = command[:-1] + line
            else:
                lines.append(" ".join(line.split()))


def missing(lines, printed):
    """The first line that is not printed after those before it."""
    # What is looked for is taken from it, and all before that.
    rest = iter([" ".join(line.split()) for line in printed.split("\n")])
    for line in lines:
        if line in ("", "...") or "x86-64" in line:
            continue
        if line.startswith(("stack ", "registers ")):
            continue
        if line not in rest:
            return line
    return None


def main():
    swathc, *pages = sys.argv[1:]
    count, failed = 0, False
    for page in pages:
        for command, lines in samples(pathlib.Path(page).read_text()):
            words = shlex.split(command)
            if words[0] != "swathc" or words[1] not in COMMANDS:
                continue
            if "--plot" in words:
                at = words.index("--plot")
                del words[at:at + 2]
            count += 1
            done = subprocess.run([swathc] + words[1:], cwd=ROOT,
                                  capture_output=True, text=True)
            if (line := missing(lines, done.stdout + done.stderr)) is not None:
                print(f"{page}: '{command}' does not print '{line}'")
                failed = True
    print(f"{count} commands")
    return failed


sys.exit(main())
