"""Compares the kernels of every kind of processor with the portable ones, bit by bit: natively, and for 64-bit ARM in
qemu's user-mode emulation, with and without the dot product instructions. All must have the same results.

Usage: arm_check.py FOLDER    (where the programs are built)

Needs clang with lld, qemu-user and the Debian cross libraries for arm64. As root on a system with apt-get it installs
what is missing, but for clang; otherwise it says what is missing, skips the ARM part and succeeds.
"""

import pathlib
import platform
import re
import shutil
import subprocess
import sys

ROOT = pathlib.Path(__file__).resolve().parent.parent
CHECK = ROOT / "Scripts" / "kernel_check"
KERNELS = ROOT / "Sources" / "CKernels"
# Warnings are errors: this is where the ARM sources are compiled.
FLAGS = ["-O2", "-std=c11", "-Wall", "-Wextra", "-Werror"]
TARGET = "aarch64-linux-gnu"
PACKAGES = ["qemu-user", "libc6-dev-arm64-cross", "libgcc-12-dev-arm64-cross"]
# With the dot product instructions, and without.
PROCESSORS = {"max": "neon-dotprod", "cortex-a53": "neon"}


def build(folder, name, extra):
    sources = sorted(CHECK.glob("*.c")) + sorted(KERNELS.glob("**/*.c"))
    program = folder / name
    command = ["clang", *FLAGS, f"-I{KERNELS / 'include'}", f"-I{CHECK}", *extra, *map(str, sources), "-lm"]
    subprocess.run([*command, "-o", str(program)], check=True)
    return program


def run(label, command):
    """Prints what the check says; its digest and the sets of kernels that it compared."""
    result = subprocess.run(command, stdout=subprocess.PIPE, text=True)
    for line in result.stdout.splitlines():
        print(f"{label}: {line}")
    if result.returncode != 0:
        sys.exit(f"arm_check: {label}: kernels differ (status {result.returncode})")
    kernels = re.search(r"^kernels: (.*)$", result.stdout, re.MULTILINE)
    digest = re.search(r"^digest: (\w+)$", result.stdout, re.MULTILINE)
    return digest.group(1), kernels.group(1).split()


def missing():
    """What the ARM part lacks."""
    lacks = [] if shutil.which("qemu-aarch64") else ["qemu-aarch64"]
    for part in ["include/stdio.h", "lib/libc.a"]:
        if not pathlib.Path("/usr", TARGET, part).exists():
            lacks.append(f"/usr/{TARGET}/{part}")
    if not list(pathlib.Path("/usr/lib/gcc-cross", TARGET).glob("*/libgcc.a")):
        lacks.append(f"libgcc for {TARGET}")
    return lacks


def install():
    """Tries to install the Debian packages; quiet about it if that is not for us to do."""
    apt = shutil.which("apt-get")
    is_root = subprocess.run(["id", "-u"], stdout=subprocess.PIPE, text=True).stdout.strip() == "0"
    if apt is None or not is_root:
        return
    print(f"arm_check: installing {' '.join(PACKAGES)}", flush=True)
    quiet = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
    command = [apt, "install", "-y", "--no-install-recommends", *PACKAGES]
    # The lists of packages may be old, or none.
    if subprocess.run(command, **quiet).returncode != 0:
        subprocess.run([apt, "update"], **quiet)
        subprocess.run(command, **quiet)


def check_arm(folder, expected):
    if platform.machine() in ("aarch64", "arm64"):
        return
    if missing():
        install()
    lacks = missing() + ([] if shutil.which("ld.lld") else ["ld.lld"])
    if lacks:
        print(f"arm_check: ARM skipped: there is no {', no '.join(lacks)} (Debian: {' '.join(PACKAGES)})")
        return
    program = build(folder, "kernel_check-arm64", [f"--target={TARGET}", "-fuse-ld=lld", "-static"])
    for processor, best in PROCESSORS.items():
        digest, kernels = run(f"qemu {processor}", ["qemu-aarch64", "-cpu", processor, str(program)])
        if kernels[-1] != best:
            sys.exit(f"arm_check: on {processor} the best kernels are {kernels[-1]}, not {best}")
        if digest != expected:
            sys.exit(f"arm_check: on {processor} the results have digest {digest}; natively they have {expected}")


def main():
    if len(sys.argv) != 2:
        sys.exit(__doc__)
    if shutil.which("clang") is None:
        print("arm_check: skipped: there is no clang")
        return
    folder = pathlib.Path(sys.argv[1])
    folder.mkdir(parents=True, exist_ok=True)
    program = build(folder, "kernel_check", [])
    digest, _ = run("native", [str(program)])
    check_arm(folder, digest)
    print("arm_check: all kernels agree")


if __name__ == "__main__":
    main()
