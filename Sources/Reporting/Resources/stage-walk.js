"use strict";

// Visits everything that a stage of a Recording does in a stretch of time, busy or idle. The causes are those of
// IdleCause.

// The first index whose value is greater than `limit`; `values` ascend.
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
    const count = stage.begin.length, makespan = stage.makespan;
    if (i === 0) return visit(WARM_UP, makespan.begin, count > 0 ? stage.begin[0] : makespan.end);
    const since = stage.clear[i - 1];
    if (i === count) return visit(DRAIN, since, makespan.end);
    const begin = stage.begin[i], phases = [stage.phase[i], stage.kind[i]];
    if (phases.includes(PREFILL) && phases.includes(DECODE)) return visit(SWITCH, since, begin);
    const exists = Math.min(Math.max(stage.leftDispatched[i], since), begin);
    const ready = Math.min(Math.max(stage.leftReady[i], exists), begin);
    visit(BLOCKED, since, exists);
    visit(STARVED, exists, ready);
    visit(HAND_OVER, ready, begin);
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
        visit(stage.kind[i], stage.begin[i], stage.end[i], i);
    }
};

// For each of `pixels` columns of the window, the share of each kind: column by column, in the order of `kinds`.
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

const visibleSpans = (stage, from, to) => Math.max(0, firstAbove(stage.begin, to) - firstAbove(stage.clear, from));
