"use strict";

// The recording that a timeline page holds, unpacked. Times are ticks from the start of the recording.
//
// A kind is what a stage does in a stretch of time: compute a micro-batch of a phase (numbered as TimelineData numbers
// the phases), compute a share of the output head, or wait for one of the causes of IdleCause. The style sheet has a
// colour for each name.

const kinds = ["prefill", "decode", "mixed", "unrecorded", "head", "warm-up", "starved", "blocked", "switch",
    "hand-over", "drain"];
const kindLabels = kinds.map((kind) => ({ switch: "phase switch", head: "head share" })[kind] ?? kind);
const [PREFILL, DECODE, MIXED, UNRECORDED, HEAD, WARM_UP, STARVED, BLOCKED, SWITCH, HAND_OVER, DRAIN] =
    kinds.map((_, kind) => kind);

// The integers of a packed column; PackedColumn describes the format.
const unpackColumn = (packed) => {
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
const unpackColumns = (group) => Object.fromEntries(
    Object.entries(group).map(([name, value]) => [name, typeof value === "string" ? unpackColumn(value) : value]));

class Recording {
    // `source` is the object that TimelineData writes.
    constructor(source) {
        this.origin = source.origin;
        this.secondsPerTick = source.secondsPerTick;
        this.end = source.end;
        this.blocksTotal = source.blocksTotal;
        this.batches = unpackColumns(source.batches);
        this.states = unpackColumns(source.states);
        this.switches = unpackColumns(source.switches);
        // Each candidate of a trial is a name and a rate, which is null where its rollout stalled.
        this.trials = source.trials;
        this.stages = source.stages.map(unpackColumns);
        // From the begin of the first span to the end of the last.
        this.makespan = { begin: Infinity, end: 0 };

        for (const stage of this.stages) {
            stage.begin = stage.edges.filter((_, i) => i % 2 === 0);
            stage.end = stage.edges.filter((_, i) => i % 2 === 1);
            stage.kind = stage.batch.map((batch, i) => (stage.work[i] ? HEAD : this.batches.phase[batch]));
            stage.makespan = this.makespan;
        }
        this.dispatched = this.dispatchTimes();
        this.switches.time = this.switches.batch.map((batch) => this.dispatched[batch]);
        for (const trial of this.trials) trial.time = this.dispatched[trial.batch];
        this.stages.forEach((_, s) => this.addReadiness(s));
    }

    get hasSpans() { return this.stages.some((stage) => stage.begin.length > 0); }

    tokens(batch) { return this.batches.prefill[batch] + this.batches.decode[batch]; }

    seconds(ticks) { return this.origin + ticks * this.secondsPerTick; }

    ticksAt(seconds) { return (seconds - this.origin) / this.secondsPerTick; }

    // When each micro-batch was dispatched; for a micro-batch without a record, when its first span began.
    dispatchTimes() {
        const times = this.batches.dispatched.map((ticks) => (ticks > 0 ? ticks - 1 : Infinity));
        for (const stage of this.stages) {
            stage.batch.forEach((batch, i) => {
                if (this.batches.phase[batch] !== UNRECORDED) return;
                times[batch] = Math.min(times[batch], stage.begin[i]);
            });
        }
        return times;
    }

    // When stage `s` ended the layers of each micro-batch; NaN if it did not, or if there is no such stage.
    endsOfLayers(s) {
        const stage = this.stages[s];
        const ends = new Float64Array(this.batches.id.length).fill(NaN);
        if (stage) stage.batch.forEach((batch, i) => { if (!stage.work[i]) ends[batch] = stage.end[i]; });
        return ends;
    }

    // Adds to stage `s` the values for each span from which the causes of idleness follow. `ready`: when the input of
    // the span was there. `clear`: the latest end of the spans up to this span. `phase`: the phase of the layers before
    // this span. `leftDispatched` and `leftReady`: the earliest dispatch and readiness of this span and the spans after
    // it.
    addReadiness(s) {
        const stage = this.stages[s], dispatched = this.dispatched, count = stage.begin.length;
        const inputs = this.endsOfLayers(s - 1), headInputs = this.endsOfLayers(this.stages.length - 1);
        const either = (time, other) => (Number.isNaN(time) ? other : time);
        stage.ready = stage.batch.map((batch, i) =>
            either((stage.work[i] ? headInputs : inputs)[batch], dispatched[batch]));
        stage.clear = new Float64Array(count);
        stage.phase = new Float64Array(count).fill(UNRECORDED);
        for (let i = 0, clear = 0, phase = UNRECORDED; i < count; i++) {
            stage.clear[i] = clear = Math.max(clear, stage.end[i]);
            stage.phase[i] = phase;
            if (!stage.work[i]) phase = this.batches.phase[stage.batch[i]];
        }
        stage.leftReady = stage.ready.slice();
        stage.leftDispatched = stage.batch.map((batch) => dispatched[batch]);
        for (let i = count - 2; i >= 0; i--) {
            stage.leftReady[i] = Math.min(stage.leftReady[i], stage.leftReady[i + 1]);
            stage.leftDispatched[i] = Math.min(stage.leftDispatched[i], stage.leftDispatched[i + 1]);
        }
        if (count > 0) {
            this.makespan.begin = Math.min(this.makespan.begin, stage.begin[0]);
            this.makespan.end = Math.max(this.makespan.end, stage.clear[count - 1]);
        }
    }
}
