import Platform

extension TimelinePage {
    /// The panels below the Gantt chart.
    static let panelScript = #"""
        const largest = (values) => values.reduce((most, value) => Math.max(most, value), 0);
        const linear = (most) => {
            const step = Math.max(1, niceStep(Math.max(1, most) / 4));
            const top = Math.max(most * 1.04, step);
            const ticks = [];
            for (let value = 0; value <= top; value += step) ticks.push(value);
            return { ticks, share: (value) => value / top };
        };
        const logarithmic = (most) => {
            const powers = Math.max(1, Math.ceil(Math.log10(Math.max(2, most)) - 1e-9));
            const ticks = [];
            for (let p = 0; p <= powers; p += powers > 3 ? 2 : 1) ticks.push(10 ** p);
            return { ticks, share: (value) => (value < 1 ? 0 : (Math.log10(value) + 0.08) / (powers + 0.08)) };
        };

        const tokens = Float64Array.from(batches.id, (_, batch) => tokensOf(batch));
        const pool = source.blocksTotal;
        const foreseen = largest(batches.predicted) - 1;
        const poolTitle = "KV blocks in use" + (pool > 0 ? `, pool of ${grouped(pool)} (dashed)` : "");
        const panels = [
            { title: "Tokens per micro-batch (logarithmic)", unit: "tokens", batch: tokens,
              scale: logarithmic(largest(tokens)) },
            { title: "Sequences per micro-batch", unit: "sequences", batch: batches.sequences,
              scale: linear(largest(batches.sequences)) },
            // A forecast far above the pool must not flatten what was used.
            { title: poolTitle, unit: "KV blocks in use", state: states.blocks, colour: "blocks", mark: pool,
              forecast: foreseen >= 0,
              scale: linear(Math.max(pool, largest(states.blocks), Math.min(foreseen, pool * 1.5))) },
            { title: "Live requests", unit: "live requests", state: states.live, colour: "live",
              scale: linear(largest(states.live)) },
            { title: "Waiting requests", unit: "waiting requests", state: states.waiting, colour: "waiting",
              scale: linear(largest(states.waiting)) },
        ];

        const drawPanel = (panel, p) => {
            const top = panelTop(p), bottom = top + panelHeight, width = plotWidth();
            const yAt = (value) => bottom - panel.scale.share(value) * panelHeight;
            label(panel.title, layout.left, top - 11, colours.ink, "left", 12, 600);
            if (panel.forecast) {
                const after = layout.left + ctx.measureText(panel.title).width + 12;
                label("predicted peak", after, top - 11, colours.predicted, "left", 12, 600);
            }
            ctx.strokeStyle = colours.line;
            ctx.lineWidth = 1;
            for (const tick of panel.scale.ticks) {
                const y = Math.round(yAt(tick)) + 0.5;
                ctx.beginPath();
                ctx.moveTo(layout.left, y);
                ctx.lineTo(layout.left + width, y);
                ctx.stroke();
                label(grouped(tick), layout.left - 8, y, colours.soft, "right", 11);
            }
            ctx.save();
            ctx.beginPath();
            ctx.rect(layout.left, top - 2, width, panelHeight + 3);
            ctx.clip();
            if (panel.batch) drawBatches(panel.batch, yAt, bottom); else drawStates(panel, yAt, bottom);
            if (panel.forecast) drawForecast(yAt);
            ctx.restore();
        };

        // Each micro-batch over the time that stage 0 computes it; in a pixel, the largest of each phase.
        const drawBatches = (values, yAt, bottom) => {
            const stage = stages[0], pixels = Math.ceil(plotWidth());
            const most = new Float64Array(pixels * 4);
            const last = firstAbove(stage.begin, view.to);
            for (let i = firstAbove(stage.clear, view.from); i < last; i++) {
                if (stage.work[i]) continue;
                const batch = stage.batch[i], kind = batches.phase[batch];
                const left = Math.max(0, Math.floor(xAt(stage.begin[i]) - layout.left));
                const right = Math.min(pixels, Math.max(left + 1, Math.ceil(xAt(stage.end[i]) - layout.left)));
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
                    ctx.fillRect(layout.left + p, y, 1, bottom - y);
                }
            }
        };

        // A step line with its area; in a pixel, the range from the least to the greatest value.
        const drawStates = (panel, yAt, bottom) => {
            const values = panel.state, pixels = Math.ceil(plotWidth());
            ctx.fillStyle = colours[panel.colour];
            let i = firstAbove(states.retired, view.from);
            let value = i > 0 ? values[i - 1] : NaN;
            for (let p = 0; p < pixels; p++) {
                const limit = ticksAtX(layout.left + p + 1);
                let least = value, most = value;
                for (; i < values.length && states.retired[i] <= limit; i++) {
                    value = values[i];
                    least = Number.isNaN(least) ? value : Math.min(least, value);
                    most = Number.isNaN(most) ? value : Math.max(most, value);
                }
                if (Number.isNaN(most)) continue;
                const high = yAt(most), low = yAt(least);
                ctx.globalAlpha = 0.22;
                ctx.fillRect(layout.left + p, low, 1, bottom - low);
                ctx.globalAlpha = 1;
                ctx.fillRect(layout.left + p, high - 0.75, 1, Math.max(1.5, low - high + 1.5));
            }
            if (!(panel.mark > 0)) return;
            ctx.strokeStyle = colours.ink;
            ctx.setLineDash([6, 4]);
            ctx.beginPath();
            ctx.moveTo(layout.left, yAt(panel.mark) + 0.5);
            ctx.lineTo(layout.left + plotWidth(), yAt(panel.mark) + 0.5);
            ctx.stroke();
            ctx.setLineDash([]);
        };

        // The peak that the policy expected at each dispatch; in a pixel, the greatest.
        const drawForecast = (yAt) => {
            const pixels = Math.ceil(plotWidth());
            ctx.fillStyle = colours.predicted;
            let i = firstAbove(dispatched, view.from), last = NaN;
            let value = i > 0 ? batches.predicted[i - 1] : 0;
            for (let p = 0; p < pixels; p++) {
                const limit = ticksAtX(layout.left + p + 1);
                let most = i < dispatched.length && dispatched[i] <= limit ? 0 : value;
                for (; i < dispatched.length && dispatched[i] <= limit; i++) {
                    value = batches.predicted[i];
                    most = Math.max(most, value);
                }
                const y = most > 0 ? yAt(most - 1) : NaN;
                if (most > 0) {
                    const from = Number.isNaN(last) ? y : Math.min(last, y);
                    ctx.fillRect(layout.left + p, from - 0.75, 1, Math.max(1.5, Math.max(last || y, y) - from + 1.5));
                }
                last = y;
            }
        };
        """#
}
