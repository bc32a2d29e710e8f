"use strict";

// Draws the chart without its panels. `chart` has the recording, the view, the panels, the `colours` and `ctx`, the
// context of a canvas.

const drawChart = (chart) => {
    const { recording, view, panels, colours, ctx } = chart;
    ctx.clearRect(0, 0, view.width, view.height);
    if (!recording.hasSpans) {
        drawText(ctx, "The recording has no spans.", view.left, AXIS_HEIGHT + 10, colours.soft);
        return;
    }
    drawAxis(chart);
    recording.stages.forEach((stage, s) => drawStage(chart, stage, s));
    drawSwitches(chart);
    drawTrials(chart);
    panels.forEach((panel, p) => drawPanel(chart, panel, p));
};

const drawText = (ctx, text, x, y, colour, align = "left", size = 12, weight = 400) => {
    ctx.font = `${weight} ${size}px system-ui, -apple-system, "Segoe UI", sans-serif`;
    ctx.fillStyle = colour;
    ctx.textAlign = align;
    ctx.textBaseline = "middle";
    ctx.fillText(text, x, y);
};

// The time axis with lines through the whole chart.
const drawAxis = ({ recording, view, colours, ctx }) => {
    const from = recording.seconds(view.from), to = recording.seconds(view.to);
    const step = niceStep(((to - from) * 110) / view.plotWidth);
    const digits = decimals(step);
    ctx.strokeStyle = colours.line;
    ctx.lineWidth = 1;
    ctx.beginPath();
    let last = -Infinity;
    for (let n = Math.ceil(from / step - 1e-9); n * step <= to + step * 1e-9; n++) {
        const x = Math.round(view.xAt(recording.ticksAt(n * step))) + 0.5;
        ctx.moveTo(x, AXIS_HEIGHT - 4);
        ctx.lineTo(x, view.panelTop(view.panelCount - 1) + PANEL_HEIGHT);
        const text = (n * step).toFixed(digits) + " s";
        const half = text.length * 3.6;
        const middle = Math.min(Math.max(x, view.left + half - 20), view.width - half);
        if (middle - half > last) {
            drawText(ctx, text, middle, 10, colours.soft, "center");
            last = middle + half;
        }
    }
    ctx.stroke();
};

// A row of the Gantt chart.
const drawStage = (chart, stage, s) => {
    const { view, colours, ctx } = chart, { rowHeight, plotWidth } = view, y = view.rowTop(s);
    ctx.fillStyle = colours.panel;
    ctx.fillRect(view.left, y, plotWidth, rowHeight);
    ctx.save();
    ctx.beginPath();
    ctx.rect(view.left, y, plotWidth, rowHeight);
    ctx.clip();
    if (view.isMerged(stage)) drawShares(chart, stage, y); else drawSpans(chart, stage, y);
    ctx.restore();
    drawText(ctx, "stage " + s, view.left - 10, y + rowHeight / 2, colours.ink, "right", rowHeight < 20 ? 11 : 12);
};

const drawSpans = ({ recording, view, colours, ctx }, stage, y) => {
    const { rowHeight } = view, inset = rowHeight >= 20 ? 1 : 0;
    visitAll(stage, view.from, view.to, (kind, begin, end, span) => {
        // Whole pixels, since a blended edge would look like another colour; at least one pixel for a busy span.
        const left = Math.round(Math.max(view.xAt(begin), view.left - 2));
        const right = Math.round(Math.min(view.xAt(end), view.width + 2));
        const width = Math.max(right - left, span === undefined ? 0 : 1);
        ctx.fillStyle = colours.kinds[kind];
        if (span === undefined) {
            ctx.fillRect(left, y, width, rowHeight);
            return;
        }
        // A gap of one pixel separates neighbours of the same phase, if spans are so wide that it is not taken for idle
        // time.
        const hair = width > 7 ? 1 : 0;
        ctx.fillRect(left, y + inset, width - hair, rowHeight - 2 * inset);
        if (width < 30 || rowHeight < 20) return;
        const text = String(recording.batches.id[stage.batch[span]]);
        if (width > text.length * 7 + 8) {
            drawText(ctx, text, left + width / 2, y + rowHeight / 2, colours.inks[kind], "center", 11);
        }
    });
};

// One column per pixel, divided from the bottom by the shares of the phases, then of the causes.
const drawShares = ({ view, colours, ctx }, stage, y) => {
    const { rowHeight } = view, pixels = Math.round(view.plotWidth);
    const cells = shares(stage, view.from, view.to, pixels);
    for (let kind = 0; kind < kinds.length; kind++) {
        ctx.fillStyle = colours.kinds[kind];
        for (let p = 0; p < pixels; p++) {
            const cell = p * kinds.length;
            const share = cells[cell + kind];
            if (share < 0.002) continue;
            let below = 0;
            for (let k = 0; k < kind; k++) below += cells[cell + k];
            const top = y + rowHeight * (1 - Math.min(1, below + share));
            ctx.fillRect(view.left + p, top, 1, rowHeight * share);
        }
    }
};

// The marks of the phase switches: a flag in the band above the stages, and a line through the rows where there is room
// for it.
const drawSwitches = ({ recording, view, colours, ctx }) => {
    if (!view.hasSwitches) return;
    const { switches } = recording, { marksTop } = view;
    drawText(ctx, "switches", view.left - 10, marksTop + 7, colours.soft, "right", 11);
    const [first, end] = switchesBetween(recording, view.from - 1, view.to);
    const isSparse = end - first <= view.plotWidth / 14;
    let last = -Infinity;
    for (let i = first; i < end; i++) {
        const x = Math.round(view.xAt(switches.time[i]));
        if (x === last) continue;
        last = x;
        ctx.fillStyle = colours.kinds[switches.to[i]];
        if (!isSparse) {
            ctx.fillRect(x, marksTop, 1, 14);
            continue;
        }
        ctx.beginPath();
        ctx.moveTo(x, marksTop);
        ctx.lineTo(x + 10, marksTop + 4.5);
        ctx.lineTo(x, marksTop + 9);
        ctx.fill();
        ctx.fillRect(x, marksTop, 1, 16);
        ctx.globalAlpha = 0.55;
        ctx.strokeStyle = colours.ink;
        ctx.lineWidth = 1;
        ctx.setLineDash([2, 3]);
        ctx.beginPath();
        ctx.moveTo(x + 0.5, marksTop + 16);
        ctx.lineTo(x + 0.5, view.rowsBottom);
        ctx.stroke();
        ctx.setLineDash([]);
        ctx.globalAlpha = 1;
    }
};

// The marks of the trials of policies: a diamond in a band of its own, filled where another policy goes on, with a line
// through the rows then.
const drawTrials = ({ recording, view, colours, ctx }) => {
    if (!view.hasTrials) return;
    const { trialsTop } = view;
    drawText(ctx, "trials", view.left - 10, trialsTop + 8, colours.soft, "right", 11);
    ctx.fillStyle = ctx.strokeStyle = colours.ink;
    ctx.lineWidth = 1;
    for (const trial of recording.trials) {
        if (trial.time < view.from || trial.time > view.to) continue;
        const x = Math.round(view.xAt(trial.time)) + 0.5;
        ctx.beginPath();
        for (const [dx, dy] of [[0, -5], [5, 0], [0, 5], [-5, 0], [0, -5]]) ctx.lineTo(x + dx, trialsTop + 8 + dy);
        if (trial.chosen === trial.inCharge) {
            ctx.stroke();
            continue;
        }
        ctx.fill();
        ctx.beginPath();
        ctx.moveTo(x, trialsTop + 13);
        ctx.lineTo(x, view.rowsBottom);
        ctx.stroke();
    }
};
