import Platform

extension TimelinePage {
    /// What lies under the pointer, and the box that tells it.
    static let hitScript = #"""
        const tip = document.getElementById("tip");
        const meanings = Object.fromEntries([...document.querySelectorAll("[data-kind]")].map((entry) =>
            [entry.dataset.kind, entry.title]));
        const time = (ticks) => {
            const resolution = (source.secondsPerTick * (view.to - view.from)) / 1e4;
            return seconds(ticks).toFixed(decimals(resolution)) + "\u202fs";
        };

        const describeSpan = (stage, s, span) => {
            const batch = stage.batch[span], phase = batches.phase[batch];
            const rows = [["phase", kindLabels[phase]], ["work", stage.work[span] ? "share of the head" : "layers"]];
            if (phase !== 3) {
                if (phase === 2) {
                    rows.push(["prefill tokens", grouped(batches.prefill[batch])]);
                    rows.push(["decode tokens", grouped(batches.decode[batch])]);
                } else {
                    rows.push(["tokens", grouped(tokensOf(batch))]);
                }
                rows.push(["sequences", grouped(batches.sequences[batch])]);
            }
            rows.push(["start", time(stage.begin[span])]);
            rows.push(["duration", duration(stage.end[span] - stage.begin[span])]);
            rows.push(["wait for the stage", duration(Math.max(0, stage.begin[span] - stage.ready[span]))]);
            return { title: `Micro-batch ${batches.id[batch]}, stage ${s}`, rows };
        };

        const describeStage = (s, x) => {
            const stage = stages[s], at = ticksAtX(x);
            const from = ticksAtX(x - 0.5), to = ticksAtX(x + 0.5);
            const spans = visibleSpans(stage, from, to);
            if (spans > 2) {
                const cells = shares(stage, from, to, 1);
                const present = kinds.map((_, kind) => kind).filter((kind) => cells[kind] >= 0.0005);
                const rows = present.map((kind) => [kindLabels[kind], percent(cells[kind])]);
                return { title: `${grouped(spans)} spans, stage ${s}`, rows: [["around", time(at)], ...rows] };
            }
            let found = null;
            visitAll(stage, from, to, (kind, begin, end, span) => {
                if (at < begin || at >= end) return;
                found = span !== undefined ? describeSpan(stage, s, span)
                    : { title: `Stage ${s} idle: ${kindLabels[kind]}`, rows: [["start", time(begin)],
                        ["duration", duration(end - begin)]], note: meanings[kinds[kind]] };
            });
            return found;
        };

        const describePanel = (panel, x) => {
            const at = ticksAtX(x);
            if (panel.state) {
                const i = firstAbove(states.retired, at) - 1;
                if (i < 0) return null;
                const rows = [["time", time(at)]];
                if (panel.mark > 0) rows.push(["share of the pool", percent(panel.state[i] / panel.mark)]);
                const planned = panel.forecast ? batches.predicted[firstAbove(dispatched, at) - 1] : 0;
                if (planned > 0) rows.push(["predicted peak", grouped(planned - 1)]);
                return { title: `${grouped(panel.state[i])} ${panel.unit}`, rows };
            }
            const stage = stages[0];
            let i = firstAbove(stage.begin, at) - 1;
            if (i < 0 || stage.end[i] <= at || stage.work[i]) return null;
            const batch = stage.batch[i];
            const rows = [["micro-batch", String(batches.id[batch])], ["phase", kindLabels[batches.phase[batch]]]];
            return { title: `${grouped(panel.batch[batch])} ${panel.unit}`, rows };
        };

        const describe = (x, y) => {
            if (x < layout.left - 2 || x >= layout.left + plotWidth()) return null;
            if (hasSwitches && y >= layout.marks - 2 && y < layout.rows) return describeSwitch(x);
            const s = Math.floor((y - layout.rows) / rowStep);
            if (s >= 0 && s < stages.length && y < rowTop(s) + rowHeight) return describeStage(s, x);
            const p = Math.floor((y - layout.panels) / panelStep);
            if (p >= 0 && p < panels.length && y < panelTop(p) + panelHeight) return describePanel(panels[p], x);
            return null;
        };

        const showTip = (x, y) => {
            const found = describe(x, y);
            tip.hidden = !found;
            if (!found) return;
            const title = document.createElement("b");
            title.textContent = found.title;
            const note = document.createElement("p");
            note.textContent = found.note ?? "";
            tip.replaceChildren(title, note, ...found.rows.map((cells) => {
                const row = document.createElement("div");
                row.append(...cells.map((text) => {
                    const cell = document.createElement("span");
                    cell.textContent = text;
                    return cell;
                }));
                return row;
            }));
            const flip = x + tip.offsetWidth + 24 > layout.width;
            tip.style.left = Math.max(0, flip ? x - tip.offsetWidth - 14 : x + 14) + "px";
            tip.style.top = Math.max(0, Math.min(y + 14, layout.height - tip.offsetHeight)) + "px";
        };
        """#
}
