"use strict";

// Describes what is under the pointer, in words: a title, rows of a label and a value, and sometimes a note. `chart`
// has the recording, the view, the panels, and `meanings`: a sentence for each kind of idleness.

const describeAt = (chart, x, y) => {
    const region = chart.view.regionAt(x, y);
    if (!region) return null;
    if (region.switches) return describeSwitch(chart, x);
    if (region.trials) return describeTrial(chart, x);
    if (region.panel !== undefined) return describePanel(chart, chart.panels[region.panel], x);
    return describeStage(chart, region.stage, x);
};

// A time of the run, as finely as the window shows it.
const timeText = ({ recording, view }, ticks) =>
    recording.seconds(ticks).toFixed(decimals(view.seconds / 1e4)) + "\u202fs";

const describeSpan = (chart, s, span) => {
    const { recording } = chart, { batches } = recording, stage = recording.stages[s];
    const batch = stage.batch[span], phase = batches.phase[batch];
    const length = (ticks) => duration(ticks * recording.secondsPerTick);
    const rows = [["phase", kindLabels[phase]], ["work", stage.work[span] ? "share of the head" : "layers"]];
    if (phase !== UNRECORDED) {
        if (phase === MIXED) {
            rows.push(["prefill tokens", grouped(batches.prefill[batch])]);
            rows.push(["decode tokens", grouped(batches.decode[batch])]);
        } else {
            rows.push(["tokens", grouped(recording.tokens(batch))]);
        }
        rows.push(["sequences", grouped(batches.sequences[batch])]);
    }
    rows.push(["start", timeText(chart, stage.begin[span])]);
    rows.push(["duration", length(stage.end[span] - stage.begin[span])]);
    rows.push(["wait for the stage", length(Math.max(0, stage.begin[span] - stage.ready[span]))]);
    return { title: `Micro-batch ${batches.id[batch]}, stage ${s}`, rows };
};

const describeIdle = (chart, s, kind, begin, end) => ({
    title: `Stage ${s} idle: ${kindLabels[kind]}`,
    rows: [["start", timeText(chart, begin)], ["duration", duration((end - begin) * chart.recording.secondsPerTick)]],
    note: chart.meanings[kinds[kind]],
});

const describeStage = (chart, s, x) => {
    const { recording, view } = chart, stage = recording.stages[s], at = view.ticksAtX(x);
    const from = view.ticksAtX(x - 0.5), to = view.ticksAtX(x + 0.5);
    const spans = visibleSpans(stage, from, to);
    if (spans > 2) {
        const cells = shares(stage, from, to, 1);
        const present = kinds.map((_, kind) => kind).filter((kind) => cells[kind] >= 0.0005);
        const rows = present.map((kind) => [kindLabels[kind], percent(cells[kind])]);
        return { title: `${grouped(spans)} spans, stage ${s}`, rows: [["around", timeText(chart, at)], ...rows] };
    }
    let found = null;
    visitAll(stage, from, to, (kind, begin, end, span) => {
        if (at < begin || at >= end) return;
        found = span !== undefined ? describeSpan(chart, s, span) : describeIdle(chart, s, kind, begin, end);
    });
    return found;
};

const describePanel = (chart, panel, x) => {
    const { recording, view } = chart, { batches, states } = recording, at = view.ticksAtX(x);
    if (panel.state) {
        const i = firstAbove(states.retired, at) - 1;
        if (i < 0) return null;
        const rows = [["time", timeText(chart, at)]];
        if (panel.mark > 0) rows.push(["share of the pool", percent(panel.state[i] / panel.mark)]);
        const planned = panel.forecast ? batches.predicted[firstAbove(recording.dispatched, at) - 1] : 0;
        if (planned > 0) rows.push(["predicted peak", grouped(planned - 1)]);
        return { title: `${grouped(panel.state[i])} ${panel.unit}`, rows };
    }
    const stage = recording.stages[0];
    const i = firstAbove(stage.begin, at) - 1;
    if (i < 0 || stage.end[i] <= at || stage.work[i]) return null;
    const batch = stage.batch[i];
    const rows = [["micro-batch", String(batches.id[batch])], ["phase", kindLabels[batches.phase[batch]]]];
    return { title: `${grouped(panel.batch[batch])} ${panel.unit}`, rows };
};

// The switches with times above `from` and not above `to`: the index of the first switch, and one past the index of the
// last.
const switchesBetween = (recording, from, to) =>
    [firstAbove(recording.switches.time, from), firstAbove(recording.switches.time, to)];

// The nearest flag within reach of the pointer; a flag reaches to the right of its time.
const describeSwitch = (chart, x) => {
    const { recording, view } = chart, { switches, batches } = recording;
    const [first, end] = switchesBetween(recording, view.ticksAtX(x - 11), view.ticksAtX(x + 5));
    if (first >= end) return null;
    const distance = (i) => Math.abs(view.xAt(switches.time[i]) - x);
    let i = first;
    for (let other = first; other < end; other++) if (distance(other) < distance(i)) i = other;
    const others = end - first - 1;
    const intensity = (value) => (value === null ? "not computed" : value.toFixed(4));
    const rows = [
        ["reason", switches.reasons[switches.reason[i]]],
        ["spatial intensity", intensity(switches.spatial[i])],
        ["temporal intensity", intensity(switches.temporal[i])],
        ["requests waiting", grouped(switches.waiting[i])],
        ["sequences decoding", grouped(switches.decoding[i])],
        ["micro-batch", String(batches.id[switches.batch[i]])],
        ["time", timeText(chart, switches.time[i])],
    ];
    if (others > 0) rows.push(["switches beside it", grouped(others)]);
    return { title: `Switch ${grouped(i + 1)}: to ${kinds[switches.to[i]]}`, rows };
};

// The nearest mark of a trial within reach of the pointer.
const describeTrial = ({ recording, view }, x) => {
    const distance = (trial) => Math.abs(view.xAt(trial.time) - x);
    const near = recording.trials.filter((trial) => distance(trial) <= 8);
    if (near.length === 0) return null;
    const trial = near.reduce((best, other) => (distance(other) < distance(best) ? other : best));
    const name = (i) => trial.candidates[i][0];
    const outcome = trial.chosen === trial.inCharge ? `${name(trial.chosen)} goes on`
        : `from ${name(trial.inCharge)} to ${name(trial.chosen)}`;
    const rows = [
        ["occasion", trial.occasion],
        ...trial.candidates.map(([candidate, rate]) => [candidate, rate === null ? "stalled" : rate.toFixed(3)]),
        ["requests waiting", grouped(trial.waiting)],
        ["requests active", grouped(trial.active)],
        ["answers known", grouped(trial.answers)],
        ["micro-batch", String(recording.batches.id[trial.batch])],
        ["time", timeText({ recording, view }, trial.time)],
    ];
    if (near.length > 1) rows.push(["trials beside it", grouped(near.length - 1)]);
    return { title: `Trial ${grouped(trial.number)}: ${outcome}`, rows };
};
