import Platform

extension TimelinePage {
    /// The marks of the phase switches: a flag in the band above the stages, and a line through the chart where there
    /// is room for it.
    static let switchScript = #"""
        const hasSwitches = switches.batch.length > 0;
        const switchesBetween = (from, to) => [firstAbove(switches.time, from), firstAbove(switches.time, to)];

        const drawSwitches = () => {
            if (!hasSwitches) return;
            label("switches", layout.left - 10, layout.marks + 7, colours.soft, "right", 11);
            const [first, end] = switchesBetween(view.from - 1, view.to);
            const isSparse = end - first <= plotWidth() / 14;
            let last = -Infinity;
            for (let i = first; i < end; i++) {
                const x = Math.round(xAt(switches.time[i]));
                if (x === last) continue;
                last = x;
                const kind = switches.to[i];
                ctx.fillStyle = colours.kinds[kind];
                if (!isSparse) {
                    ctx.fillRect(x, layout.marks, 1, 14);
                    continue;
                }
                ctx.beginPath();
                ctx.moveTo(x, layout.marks);
                ctx.lineTo(x + 10, layout.marks + 4.5);
                ctx.lineTo(x, layout.marks + 9);
                ctx.fill();
                ctx.fillRect(x, layout.marks, 1, 16);
                ctx.globalAlpha = 0.55;
                ctx.strokeStyle = colours.ink;
                ctx.lineWidth = 1;
                ctx.setLineDash([2, 3]);
                ctx.beginPath();
                ctx.moveTo(x + 0.5, layout.marks + 16);
                ctx.lineTo(x + 0.5, layout.rows + stages.length * rowStep);
                ctx.stroke();
                ctx.setLineDash([]);
                ctx.globalAlpha = 1;
            }
        };

        const intensity = (value) => (value === null ? "not computed" : value.toFixed(4));
        const describeSwitch = (x) => {
            const [first, end] = switchesBetween(ticksAtX(x - 11), ticksAtX(x + 5));
            if (first >= end) return null;
            let nearest = first;
            for (let i = first; i < end; i++) {
                if (Math.abs(xAt(switches.time[i]) - x) < Math.abs(xAt(switches.time[nearest]) - x)) nearest = i;
            }
            const i = nearest, others = end - first - 1;
            const rows = [
                ["reason", switches.reasons[switches.reason[i]]],
                ["spatial intensity", intensity(switches.spatial[i])],
                ["temporal intensity", intensity(switches.temporal[i])],
                ["requests waiting", grouped(switches.waiting[i])],
                ["sequences decoding", grouped(switches.decoding[i])],
                ["micro-batch", String(batches.id[switches.batch[i]])],
                ["time", time(switches.time[i])],
            ];
            if (others > 0) rows.push(["switches beside it", grouped(others)]);
            return { title: `Switch ${grouped(i + 1)}: to ${kinds[switches.to[i]]}`, rows };
        };
        """#
}
