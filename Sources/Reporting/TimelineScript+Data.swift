extension TimelinePage {
    /// Reads the columns, and walks over what a stage does in a stretch of time. Times are ticks; kinds are places in
    /// `kinds`: the phases as `TimelineData` numbers them, then the causes of idleness as `IdleCause` defines them.
    static let dataScript = #"""
        "use strict";
        const kinds = ["prefill", "decode", "mixed", "unrecorded", "warm-up", "starved", "handover", "switch", "drain"];
        const kindLabels = kinds.map((kind) => (kind === "switch" ? "phase switch" : kind));
        const [WARM_UP, STARVED, HANDOVER, SWITCH, DRAIN] = [4, 5, 6, 7, 8];

        const source = JSON.parse(document.getElementById("recording").textContent);
        const column = ({ width, data }) => {
            const text = atob(data);
            const bytes = new Uint8Array(text.length);
            for (let i = 0; i < text.length; i++) bytes[i] = text.charCodeAt(i);
            return width === 1 ? bytes : new (width === 2 ? Uint16Array : Uint32Array)(bytes.buffer);
        };
        const columns = (group) =>
            Object.fromEntries(Object.entries(group).map(([name, packed]) => [name, column(packed)]));
        const batches = columns(source.batches);
        const states = columns(source.states);
        const stages = source.stages.map(columns);
        const tokensOf = (batch) => batches.prefill[batch] + batches.decode[batch];
        const seconds = (ticks) => source.origin + ticks * source.secondsPerTick;
        const ticksAt = (time) => (time - source.origin) / source.secondsPerTick;

        // `ready`: when the input of a span was there. `clear`: the latest end of the spans up to this one.
        const run = { begin: Infinity, end: 0 };
        stages.forEach((stage, s) => {
            const count = stage.begin.length;
            stage.ready = new Float64Array(count);
            stage.clear = new Float64Array(count);
            stage.endOf = new Float64Array(batches.id.length).fill(NaN);
            let clear = 0;
            for (let i = 0; i < count; i++) {
                const batch = stage.batch[i];
                const dispatched = batches.phase[batch] === 3 ? stage.begin[i] : batches.dispatched[batch];
                const before = s > 0 ? stages[s - 1].endOf[batch] : NaN;
                stage.ready[i] = Number.isNaN(before) ? dispatched : before;
                stage.endOf[batch] = stage.end[i];
                stage.clear[i] = clear = Math.max(clear, stage.end[i]);
            }
            if (count > 0) {
                run.begin = Math.min(run.begin, stage.begin[0]);
                run.end = Math.max(run.end, clear);
            }
        });

        // The first index whose value is greater than `limit`.
        const firstAbove = (values, limit) => {
            let low = 0, high = values.length;
            while (low < high) {
                const middle = (low + high) >> 1;
                if (values[middle] > limit) high = middle; else low = middle + 1;
            }
            return low;
        };

        // Calls visit(kind, begin, end) for the idle time before span i; i may be one past the last.
        const visitIdle = (stage, i, visit) => {
            const count = stage.begin.length;
            if (i === 0) return visit(WARM_UP, run.begin, count > 0 ? stage.begin[0] : run.end);
            const since = stage.clear[i - 1];
            if (i === count) return visit(DRAIN, since, run.end);
            const begin = stage.begin[i];
            if (batches.phase[stage.batch[i - 1]] !== batches.phase[stage.batch[i]]) return visit(SWITCH, since, begin);
            const ready = Math.min(Math.max(stage.ready[i], since), begin);
            visit(STARVED, since, ready);
            visit(HANDOVER, ready, begin);
        };

        // Calls visit(kind, begin, end, span) for everything that touches the window; span is undefined if idle.
        const visitAll = (stage, from, to, visit) => {
            const nonEmpty = (kind, begin, end) => {
                if (begin < end && begin < to && end > from) visit(kind, begin, end);
            };
            const count = stage.begin.length;
            for (let i = firstAbove(stage.clear, from); i <= count; i++) {
                visitIdle(stage, i, nonEmpty);
                if (i === count || stage.begin[i] >= to) break;
                visit(batches.phase[stage.batch[i]], stage.begin[i], stage.end[i], i);
            }
        };

        // For each of `pixels` columns of the window, the share of each kind.
        const shares = (stage, from, to, pixels) => {
            const cells = new Float64Array(pixels * kinds.length);
            const scale = pixels / (to - from);
            visitAll(stage, from, to, (kind, begin, end) => {
                const a = (Math.max(begin, from) - from) * scale;
                const b = (Math.min(end, to) - from) * scale;
                for (let p = Math.floor(a); p < b && p < pixels; p++) {
                    cells[p * kinds.length + kind] += Math.min(b, p + 1) - Math.max(a, p);
                }
            });
            return cells;
        };
        const visibleSpans = (stage, from, to) =>
            Math.max(0, firstAbove(stage.begin, to) - firstAbove(stage.clear, from));
        """#
}
