import Platform

extension TimelinePage {
    /// Reads the columns. Times are ticks; `kinds` are the phases as `TimelineData` numbers them, the share of the
    /// output head, then the causes of idleness.
    static let dataScript = #"""
        "use strict";
        const kinds = ["prefill", "decode", "mixed", "unrecorded", "head", "warm-up", "starved", "blocked", "switch",
            "hand-over", "drain"];
        const kindLabels = kinds.map((kind) => ({ switch: "phase switch", head: "head share" })[kind] ?? kind);
        const [PREFILL, DECODE, , UNRECORDED, HEAD, WARM_UP, STARVED, BLOCKED, SWITCH, HAND_OVER, DRAIN] =
            kinds.map((_, kind) => kind);

        const source = JSON.parse(document.getElementById("recording").textContent);
        const column = (packed) => {
            const text = atob(packed);
            const values = new Float64Array(text.length);
            let count = 0, last = 0;
            for (let i = 0; i < text.length; i++) {
                let byte = text.charCodeAt(i), scale = 1, number = byte & 127;
                while (byte > 127) {
                    byte = text.charCodeAt(++i);
                    number += (byte & 127) * (scale *= 128);
                }
                last += number % 2 === 0 ? number / 2 : -(number + 1) / 2;
                values[count++] = last;
            }
            return values.slice(0, count);
        };
        const columns = (group) => Object.fromEntries(
            Object.entries(group).map(([name, value]) => [name, typeof value === "string" ? column(value) : value]));
        const batches = columns(source.batches);
        const states = columns(source.states);
        const switches = columns(source.switches);
        const stages = source.stages.map(columns);
        const tokensOf = (batch) => batches.prefill[batch] + batches.decode[batch];
        const seconds = (ticks) => source.origin + ticks * source.secondsPerTick;
        const ticksAt = (time) => (time - source.origin) / source.secondsPerTick;

        for (const stage of stages) {
            stage.begin = stage.edges.filter((_, i) => i % 2 === 0);
            stage.end = stage.edges.filter((_, i) => i % 2 === 1);
            stage.kind = stage.batch.map((batch, i) => (stage.work[i] ? HEAD : batches.phase[batch]));
        }

        // When a micro-batch came into being: without a record, when its first span began.
        const dispatched = batches.dispatched.map((ticks) => (ticks > 0 ? ticks - 1 : Infinity));
        for (const stage of stages) {
            stage.batch.forEach((batch, i) => {
                if (batches.phase[batch] !== UNRECORDED) return;
                dispatched[batch] = Math.min(dispatched[batch], stage.begin[i]);
            });
        }
        switches.time = switches.batch.map((batch) => dispatched[batch]);
        const endsOfLayers = (stage) => {
            const ends = new Float64Array(batches.id.length).fill(NaN);
            if (stage) stage.batch.forEach((batch, i) => { if (!stage.work[i]) ends[batch] = stage.end[i]; });
            return ends;
        };

        // `ready`: when the input of a span was there. `clear`: the latest end of the spans up to this one. `phase`: of
        // the layers before this span. `leftDispatched` and `leftReady`: the earliest of this span and those after it.
        const run = { begin: Infinity, end: 0 };
        const headInputs = endsOfLayers(stages[stages.length - 1]);
        stages.forEach((stage, s) => {
            const count = stage.begin.length, inputs = endsOfLayers(stages[s - 1]);
            const either = (time, other) => (Number.isNaN(time) ? other : time);
            stage.ready = stage.batch.map((batch, i) =>
                either((stage.work[i] ? headInputs : inputs)[batch], dispatched[batch]));
            stage.clear = new Float64Array(count);
            stage.phase = new Float64Array(count).fill(UNRECORDED);
            for (let i = 0, clear = 0, phase = UNRECORDED; i < count; i++) {
                stage.clear[i] = clear = Math.max(clear, stage.end[i]);
                stage.phase[i] = phase;
                if (!stage.work[i]) phase = batches.phase[stage.batch[i]];
            }
            stage.leftReady = stage.ready.slice();
            stage.leftDispatched = stage.batch.map((batch) => dispatched[batch]);
            for (let i = count - 2; i >= 0; i--) {
                stage.leftReady[i] = Math.min(stage.leftReady[i], stage.leftReady[i + 1]);
                stage.leftDispatched[i] = Math.min(stage.leftDispatched[i], stage.leftDispatched[i + 1]);
            }
            if (count > 0) {
                run.begin = Math.min(run.begin, stage.begin[0]);
                run.end = Math.max(run.end, stage.clear[count - 1]);
            }
        });
        """#
}
