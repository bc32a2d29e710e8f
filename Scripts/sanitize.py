"""Runs kernels, readers and the engine's threads under sanitizers, within some minutes.

Usage: sanitize.py FOLDER MODEL    (FOLDER: where programs are built; MODEL: a small GGUF file with a tokenizer)

- the kernels of this processor against the portable ones, under the address and the undefined-behaviour sanitizer;
- the readers of foreign files, fuzzed for a bounded number of inputs under the address sanitizer;
- the engine with all its threads under the thread sanitizer: requests from several tasks, cancellations, all policies.

What the toolchain lacks is skipped with a message. Any finding ends the script with a status that is not 0.
"""

from __future__ import annotations

import os
import pathlib
import shutil
import subprocess
import sys
import tempfile

ROOT = pathlib.Path(__file__).resolve().parent.parent
FUZZING = ROOT / "Fuzzing"
KERNELS = ROOT / "Sources" / "CKernels"
CHECK = ROOT / "Scripts" / "kernel_check"
SWIFT = os.environ.get("SWIFT", "swift")
# Inputs for each reader, and seconds after which no further one is begun.
FUZZ_RUNS, FUZZ_SECONDS = 20_000, 20
# The fuzzers, with the folders in which they find examples; seeds of binary files are made first.
FUZZERS = {
    "FuzzGGUF": "seeds/gguf",
    "FuzzSafetensors": "seeds/safetensors",
    "FuzzTokenizerJSON": "Sources/FuzzTokenizerJSON/inputs",
    "FuzzTemplate": "Sources/FuzzTemplate/inputs",
    "FuzzChatJSON": "Sources/FuzzChatJSON/inputs",
}


def say(text: str) -> None:
    print(f"sanitize: {text}", flush=True)


def run(label: str, command: list[str], environment: dict[str, str] | None = None) -> None:
    """Runs a command quietly; on failure shows the end of what it printed and ends the script."""
    result = subprocess.run(
        command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, errors="replace",
        env={**os.environ, **(environment or {})})
    if result.returncode != 0:
        print("\n".join(result.stdout.splitlines()[-60:]))
        sys.exit(f"sanitize: {label} failed with status {result.returncode}")


def works(command: list[str], program: str) -> bool:
    """Whether the toolchain can make a program with a sanitizer, and the machine can run it."""
    with tempfile.TemporaryDirectory() as folder:
        made = subprocess.run(
            [*command, "-", "-o", f"{folder}/program"], input=program, text=True,
            stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        if made.returncode != 0:
            return False
        ran = subprocess.run([f"{folder}/program"], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        return ran.returncode == 0


def check_kernels(folder: pathlib.Path) -> None:
    program = folder / "kernel_check-sanitized"
    sources = sorted(CHECK.glob("*.c")) + sorted(KERNELS.glob("**/*.c"))
    run("the build of the kernels", [
        "clang", "-O1", "-g", "-std=c11", "-fsanitize=address,undefined", "-fno-sanitize-recover=all",
        "-DTW_SANITIZE", "-Wno-pass-failed",
        f"-I{KERNELS / 'include'}", f"-I{CHECK}", *map(str, sources), "-lm", "-o", str(program)])
    run("the kernels", [str(program)])
    say("kernels: no finding (address, undefined behaviour)")


def check_readers(folder: pathlib.Path) -> None:
    scratch = folder / "fuzzing"
    for name in FUZZERS:
        run(f"the build of {name}", [
            SWIFT, "build", "--package-path", str(FUZZING), "--scratch-path", str(scratch), "-c", "release",
            "--sanitize", "fuzzer", "-Xswiftc", "-sanitize=fuzzer,address", "--product", name])
    seeds = folder / "seeds"
    run("the seeds", [sys.executable, str(FUZZING / "make_seeds.py"), str(seeds)])
    environment = {"SWIFT_BACKTRACE": "enable=no", "ASAN_OPTIONS": "detect_leaks=0"}
    for name, examples in FUZZERS.items():
        corpus = folder / "corpus" / name
        shutil.rmtree(corpus, ignore_errors=True)
        corpus.mkdir(parents=True)
        where = folder / examples if examples.startswith("seeds/") else FUZZING / examples
        run(name, [
            str(scratch / "release" / name), f"-runs={FUZZ_RUNS}", f"-max_total_time={FUZZ_SECONDS}", "-seed=1",
            "-max_len=8192", f"-artifact_prefix={corpus}/", str(corpus), str(where)], environment)
    say(f"readers: no finding ({len(FUZZERS)} fuzzers, address)")


def check_threads(folder: pathlib.Path, model: str) -> None:
    scratch = folder / "threads"
    # The define puts a lock that the sanitizer knows in place of the standard library's (Platform/Threads/Guarded.swift).
    run("the build of RaceCheck", [
        SWIFT, "build", "--package-path", str(FUZZING), "--scratch-path", str(scratch), "-c", "release",
        "--sanitize", "thread", "-Xswiftc", "-DTIDEWAY_THREAD_SANITIZER", "--product", "RaceCheck"])
    run("RaceCheck", [str(scratch / "release" / "RaceCheck"), model],
        {"TSAN_OPTIONS": "halt_on_error=1", "SWIFT_BACKTRACE": "enable=no"})
    say("threads: no finding (thread)")


def main() -> None:
    if len(sys.argv) != 3:
        sys.exit(__doc__)
    folder, model = pathlib.Path(sys.argv[1]).resolve(), sys.argv[2]
    folder.mkdir(parents=True, exist_ok=True)
    if shutil.which("clang") is None:
        say("skipped: there is no clang")
        return
    if works(["clang", "-fsanitize=address", "-x", "c"], "int main(void) { return 0; }"):
        check_kernels(folder)
        check_readers(folder)
    else:
        say("kernels and readers skipped: there is no address sanitizer here")
    if works([str(pathlib.Path(SWIFT).with_name("swiftc")), "-sanitize=thread"], "print(1)"):
        check_threads(folder, model)
    else:
        say("threads skipped: there is no thread sanitizer here")


if __name__ == "__main__":
    main()
