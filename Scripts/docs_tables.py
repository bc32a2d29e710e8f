"""Makes the tables of simulated figures in the documents from stored runs.

usage: docs_tables.py [--check | --run TIDEWAY]

A table stands between <!-- table NAME --> and <!-- end --> in a document, and is made from docs/runs/FILE.json. --check
changes nothing and fails if a document differs from what its stored runs give. --run makes the stored runs anew first,
with the program TIDEWAY; `make tables` does so. Run it in the repository's root.
"""

from __future__ import annotations

import csv
import json
import pathlib
import re
import subprocess
import sys

RUNS = pathlib.Path("docs/runs")
# What is kept of a run: the figures of the tables, and what tells a changed run from an old one.
KEPT = [
    "label", "value", "cluster", "model", "method", "error", "total_tokens_per_second", "bubble_ratio", "phase_switches",
    "preemptions", "recomputed_tokens", "part", "exchanged", "at", "of_whole",
    "ttft_p50_seconds", "ttft_p99_seconds", "tpot_p50_seconds", "tpot_p99_seconds", "token_gap_p99_seconds",
]


# Commands.

def study(arguments: str) -> list[str]:
    return ["simulate", "study", "--quiet", *arguments.split()]


def order_commands() -> list[list[str]]:
    """Both orders on five draws, with pools for a tenth, a quarter and a half of the tokens."""
    return [
        study(
            f"--cluster {devices}xL20 --model Llama-2-13B --kv-blocks {blocks} --requests 256 --predictor oracle "
            "--policies td-pipe,td-pipe+order=longest --sweep seed=0,1,2,3,4")
        for devices in (2, 4) for blocks in (660, 1660, 3320)
    ]


def prediction_commands() -> list[list[str]]:
    """td-pipe with each predictor, on answers that the learned one did not learn from."""
    rows = list(csv.DictReader(open("Tests/SimulationTests/Fixtures/answers.csv", encoding="utf-8")))
    path = pathlib.Path("out/held-out.jsonl")
    path.parent.mkdir(exist_ok=True)
    lines = [
        {
            "prompt_tokens": int(row["prompt_tokens"]), "output_tokens": int(row["output_tokens"]),
            "forecast": [int(length) for length in row["forecast"].split()],
        } for row in rows
    ]
    path.write_text("".join(json.dumps(line) + "\n" for line in lines), encoding="utf-8")
    mean = round(sum(line["output_tokens"] for line in lines) / len(lines))
    return [
        study(
            f"--workload {path} --requests 2000 --policies td-pipe {machine} "
            f"--sweep predictor=oracle,learned,constant:{mean},prompt-length,history")
        for machine in (
            "--cluster 2xCPU-2-core --model SmolLM2-135M --kv-blocks 3000",
            "--cluster 4xL20@pcie4-shared --model Llama-2-13B")
    ]


def online_commands() -> list[list[str]]:
    """Open arrivals at rates from low to high, with short and with long prompts."""
    return [
        study(
            f"--cluster 4xL20 --model Llama-2-13B --workload {shape} --requests 1000 --sweep rate={rates} "
            "--policies separate,hybrid,throttle,td-pipe,td-pipe+tpot=0.1,td-pipe+tpot=0.1+ttft=2,auto")
        for shape, rates in (("sharegpt", "4,8,11"), ("longbench", "0.5,1,1.4"))
    ]


COMMANDS = {
    "paper": lambda: [["simulate", "paper", "--quiet"]], "order": order_commands, "prediction": prediction_commands,
    "online": online_commands,
}


def make_runs(tideway: str) -> None:
    for name, commands in COMMANDS.items():
        stored = []
        for command in commands():
            print("tideway " + " ".join(command), flush=True)
            path = pathlib.Path("out/docs-table.json")
            path.parent.mkdir(exist_ok=True)
            subprocess.run([tideway, *command, "--json", str(path)], check=True)
            stored.append({"command": "tideway " + " ".join(command)} | kept(json.loads(path.read_text())))
        text = json.dumps(stored, indent=1) + "\n"
        # A line a run: an object without objects in it.
        text = re.sub(r"\{\s+([^{}\[\]]*?)\s+\}", lambda found: "{" + re.sub(r"\s+", " ", found[1]) + "}", text)
        (RUNS / f"{name}.json").write_text(text, encoding="utf-8")


def kept(result: dict) -> dict:
    """The parts of a result that tables are made of."""
    lists = {key: result[key] for key in ("findings", "ratios") if key in result}
    for key in ("runs", "ablations"):
        if key in result:
            lists[key] = [{name: run[name] for name in KEPT if name in run} for run in result[key]]
    return lists


# Tables.

def markdown(header: list[str], rows: list[list[str]]) -> str:
    lines = [header, ["---"] * len(header), *rows]
    return "\n".join("| " + " | ".join(line) + " |" for line in lines)


def percent(share: float) -> str:
    return f"{share * 100:.1f} %"


def distinct(values) -> list:
    return list(dict.fromkeys(values))


def short(cluster: str) -> str:
    return cluster.replace("-80G-PCIe", "")


def paper_findings(stored: list[dict]) -> str:
    return "\n".join("- " + finding for finding in stored[0]["findings"])


def paper_ratios(stored: list[dict]) -> str:
    return markdown(
        ["over", "at least", "at most", "published, at most", "at most on"],
        [
            [
                ratio["over"], f"{ratio['least']:.2f}", f"{ratio['best']:.2f}",
                "" if ratio["published"] is None else f"{ratio['published']:.2f}", short(ratio["best_at"]),
            ] for ratio in stored[0]["ratios"]
        ])


def paper_cells(stored: list[dict]) -> str:
    runs = stored[0]["runs"]
    methods = distinct(run["method"] for run in runs)
    found = {(run["model"], run["cluster"], run["method"]): run for run in runs}

    def cell(run: dict | None) -> str:
        if run is None:
            return "-"
        if "error" in run:
            return "does not fit"
        return f"{run['total_tokens_per_second']:,.0f} ({percent(run['bubble_ratio'])})"

    return markdown(
        ["model", "devices", *methods],
        [
            [model, short(cluster), *[cell(found.get((model, cluster, method))) for method in methods]]
            for model, cluster in distinct((run["model"], run["cluster"]) for run in runs)
        ])


def paper_ablations(stored: list[dict]) -> str:
    results = stored[0]["ablations"]
    places = distinct(result["at"] for result in results)
    found = {(result["part"], result["exchanged"], result["at"]): result["of_whole"] for result in results}
    return markdown(
        ["part", "exchanged", *map(short, places)],
        [
            [part, label, *[f"{found[part, label, place]:.3f}" for place in places]]
            for part, label in distinct((result["part"], result["exchanged"]) for result in results)
        ])


def order(stored: list[dict]) -> str:
    def mean(runs: list[dict], label: str, key: str) -> float:
        values = [run[key] for run in runs if run["label"] == label]
        return sum(values) / len(values)

    rows = []
    for result in stored:
        words = result["command"].split()
        runs, (arrival, longest) = result["runs"], ("td-pipe", "td-pipe+order=longest")
        bubbles = [percent(mean(runs, label, "bubble_ratio")) for label in (arrival, longest)]
        rate = "total_tokens_per_second"
        gain = mean(runs, longest, rate) / mean(runs, arrival, rate) - 1
        blocks = int(words[words.index("--kv-blocks") + 1])
        preempted = sum(run["preemptions"] for run in runs)
        rows.append([words[words.index("--cluster") + 1], f"{blocks:,}", *bubbles, f"{gain * 100:+.1f} %", f"{preempted}"])
    return markdown(["devices", "KV blocks", "idle, arrival", "idle, longest", "longest gains", "preempted"], rows)


def prediction(stored: list[dict]) -> str:
    rows = []
    for results in zip(*(result["runs"] for result in stored)):
        cells = [
            text for run in results
            for text in (f"{run['total_tokens_per_second']:,.0f} tok/s", f"{run['preemptions']:,}")
        ]
        rows.append([results[0]["value"], *cells])
    return markdown(
        [
            "lengths", "2 CPUs of 2 cores, SmolLM2, 3,000 blocks", "preempted",
            "4 L20 on a shared PCIe 4 root, Llama-2-13B", "preempted",
        ], rows)


def online(stored: list[dict]) -> str:
    def both(run: dict, name: str, scale: float, digits: int) -> str:
        return " / ".join(f"{run[f'{name}_{at}_seconds'] * scale:,.{digits}f}" for at in ("p50", "p99"))

    rows = []
    for result in stored:
        words = result["command"].split()
        shape = words[words.index("--workload") + 1]
        for run in result["runs"]:
            rows.append(
                [
                    shape, run["value"], run["label"].replace("+", " "), both(run, "ttft", 1, 2),
                    both(run, "tpot", 1000, 0), f"{run['token_gap_p99_seconds'] * 1000:,.0f}",
                    f"{run['total_tokens_per_second']:,.0f}",
                ])
    return markdown(
        ["lengths", "req/s", "policy", "TTFT P50 / P99 s", "TPOT P50 / P99 ms", "gap P99 ms", "total tok/s"], rows)


# By name: the document, the stored runs, and what makes the table of them.
TABLES = {
    "paper-findings": ("docs/SIMULATION.md", "paper", paper_findings),
    "paper-ratios": ("docs/SIMULATION.md", "paper", paper_ratios),
    "paper-cells": ("docs/SIMULATION.md", "paper", paper_cells),
    "paper-ablations": ("docs/SIMULATION.md", "paper", paper_ablations),
    "order": ("docs/SCHEDULING.md", "order", order),
    "online": ("docs/SCHEDULING.md", "online", online),
    "prediction": ("docs/PREDICTION.md", "prediction", prediction),
}


def main() -> None:
    arguments = sys.argv[1:]
    if arguments[:1] == ["--run"] and len(arguments) == 2:
        make_runs(arguments[1])
    elif arguments not in ([], ["--check"]):
        sys.exit(__doc__)
    stale = []
    for name, (document, runs, make) in TABLES.items():
        stored = json.loads((RUNS / f"{runs}.json").read_text(encoding="utf-8"))
        text = pathlib.Path(document).read_text(encoding="utf-8")
        place = re.compile(rf"(<!-- table {name} -->\n).*?(<!-- end -->)", re.DOTALL)
        if len(place.findall(text)) != 1:
            sys.exit(f"{document} has {len(place.findall(text))} places for the table {name}; one is needed")
        table = make(stored)
        changed = place.sub(lambda found: found[1] + table + "\n" + found[2], text)
        if changed == text:
            continue
        stale.append(f"{document}: the table {name} is not that of docs/runs/{runs}.json; make tables makes it anew")
        if arguments != ["--check"]:
            pathlib.Path(document).write_text(changed, encoding="utf-8")
    if arguments == ["--check"] and stale:
        sys.exit("\n".join(stale))


if __name__ == "__main__":
    main()
