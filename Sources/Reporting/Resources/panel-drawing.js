"use strict";

// Draws the panels below the Gantt chart; `chart` is the same as in chart-drawing.js.

const drawPanel = (chart, panel, p) => {
    const { view, colours, ctx } = chart, { left, plotWidth } = view;
    const top = view.panelTop(p), bottom = top + PANEL_HEIGHT;
    const yAt = (value) => bottom - panel.scale.share(value) * PANEL_HEIGHT;
    drawText(ctx, panel.title, left, top - 11, colours.ink, "left", 12, 600);
    if (panel.forecast) {
        const after = left + ctx.measureText(panel.title).width + 12;
        drawText(ctx, "predicted peak", after, top - 11, colours.predicted, "left", 12, 600);
    }
    ctx.strokeStyle = colours.line;
    ctx.lineWidth = 1;
    for (const tick of panel.scale.ticks) {
        const y = Math.round(yAt(tick)) + 0.5;
        ctx.beginPath();
        ctx.moveTo(left, y);
        ctx.lineTo(left + plotWidth, y);
        ctx.stroke();
        drawText(ctx, grouped(tick), left - 8, y, colours.soft, "right", 11);
    }
    ctx.save();
    ctx.beginPath();
    ctx.rect(left, top - 2, plotWidth, PANEL_HEIGHT + 3);
    ctx.clip();
    if (panel.batch) drawBatches(chart, panel.batch, yAt, bottom); else drawStates(chart, panel, yAt, bottom);
    if (panel.forecast) drawForecast(chart, yAt);
    ctx.restore();
};

// Each micro-batch over the time that stage 0 computes it; in a pixel, the largest of each phase.
const drawBatches = ({ recording, view, colours, ctx }, values, yAt, bottom) => {
    const { batches } = recording, stage = recording.stages[0], pixels = Math.ceil(view.plotWidth);
    const most = new Float64Array(pixels * 4);
    const last = firstAbove(stage.begin, view.to);
    for (let i = firstAbove(stage.clear, view.from); i < last; i++) {
        if (stage.work[i]) continue;
        const batch = stage.batch[i], kind = batches.phase[batch];
        const left = Math.max(0, Math.floor(view.xAt(stage.begin[i]) - view.left));
        const right = Math.min(pixels, Math.max(left + 1, Math.ceil(view.xAt(stage.end[i]) - view.left)));
        for (let p = left; p < right; p++) {
            most[p * 4 + kind] = Math.max(most[p * 4 + kind], values[batch]);
        }
    }
    for (let p = 0; p < pixels; p++) {
        const order = [0, 1, 2, 3].filter((k) => most[p * 4 + k] > 0);
        order.sort((a, b) => most[p * 4 + b] - most[p * 4 + a]);
        for (const kind of order) {
            const y = Math.min(yAt(most[p * 4 + kind]), bottom - 1);
            ctx.fillStyle = colours.kinds[kind];
            ctx.fillRect(view.left + p, y, 1, bottom - y);
        }
    }
};

// A step line with its area; in a pixel, the range from the least to the greatest value.
const drawStates = ({ recording, view, colours, ctx }, panel, yAt, bottom) => {
    const { retired } = recording.states, values = panel.state, pixels = Math.ceil(view.plotWidth);
    ctx.fillStyle = colours[panel.colour];
    let i = firstAbove(retired, view.from);
    let value = i > 0 ? values[i - 1] : NaN;
    for (let p = 0; p < pixels; p++) {
        const limit = view.ticksAtX(view.left + p + 1);
        let least = value, most = value;
        for (; i < values.length && retired[i] <= limit; i++) {
            value = values[i];
            least = Number.isNaN(least) ? value : Math.min(least, value);
            most = Number.isNaN(most) ? value : Math.max(most, value);
        }
        if (Number.isNaN(most)) continue;
        const high = yAt(most), low = yAt(least);
        ctx.globalAlpha = 0.22;
        ctx.fillRect(view.left + p, low, 1, bottom - low);
        ctx.globalAlpha = 1;
        ctx.fillRect(view.left + p, high - 0.75, 1, Math.max(1.5, low - high + 1.5));
    }
    if (!(panel.mark > 0)) return;
    ctx.strokeStyle = colours.ink;
    ctx.setLineDash([6, 4]);
    ctx.beginPath();
    ctx.moveTo(view.left, yAt(panel.mark) + 0.5);
    ctx.lineTo(view.left + view.plotWidth, yAt(panel.mark) + 0.5);
    ctx.stroke();
    ctx.setLineDash([]);
};

// The peak that the policy expected at each dispatch; in a pixel, the greatest.
const drawForecast = ({ recording, view, colours, ctx }, yAt) => {
    const { dispatched } = recording, { predicted } = recording.batches, pixels = Math.ceil(view.plotWidth);
    ctx.fillStyle = colours.predicted;
    let i = firstAbove(dispatched, view.from), last = NaN;
    let value = i > 0 ? predicted[i - 1] : 0;
    for (let p = 0; p < pixels; p++) {
        const limit = view.ticksAtX(view.left + p + 1);
        let most = i < dispatched.length && dispatched[i] <= limit ? 0 : value;
        for (; i < dispatched.length && dispatched[i] <= limit; i++) {
            value = predicted[i];
            most = Math.max(most, value);
        }
        const y = most > 0 ? yAt(most - 1) : NaN;
        if (most > 0) {
            const from = Number.isNaN(last) ? y : Math.min(last, y);
            ctx.fillRect(view.left + p, from - 0.75, 1, Math.max(1.5, Math.max(last || y, y) - from + 1.5));
        }
        last = y;
    }
};
