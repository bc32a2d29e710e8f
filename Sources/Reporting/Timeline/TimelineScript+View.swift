import Platform

extension TimelinePage {
    /// The visible window, the layout, the colours and the time axis.
    static let viewScript = #"""
        const full = { from: 0, to: Math.max(1, source.end) };
        const view = { ...full };
        const chart = document.getElementById("chart");
        const plot = document.getElementById("plot");
        const overlay = document.getElementById("overlay");
        const ctx = plot.getContext("2d");
        const over = overlay.getContext("2d");

        const rowHeight = stages.length <= 6 ? 38 : stages.length <= 16 ? 24 : 14;
        const rowStep = rowHeight + (stages.length <= 16 ? 6 : 2);
        const axisHeight = 24, panelHeight = 62, panelStep = panelHeight + 28, panelsTop = 26;
        const layout = { left: 74, right: 14, width: 0, height: 0, panels: 0 };
        layout.marks = axisHeight + 2;
        layout.rows = axisHeight + 4;
        if (hasSwitches) layout.rows += 18;
        layout.panels = layout.rows + stages.length * rowStep + panelsTop;
        const rowTop = (s) => layout.rows + s * rowStep;
        const panelTop = (p) => layout.panels + p * panelStep;
        const plotWidth = () => Math.max(1, layout.width - layout.left - layout.right);
        const xAt = (ticks) => layout.left + ((ticks - view.from) / (view.to - view.from)) * plotWidth();
        const ticksAtX = (x) => view.from + ((x - layout.left) / plotWidth()) * (view.to - view.from);

        let colours = {};
        const readColours = () => {
            const style = getComputedStyle(document.documentElement);
            const read = (name) => style.getPropertyValue("--" + name).trim();
            const names = ["ground", "ink", "soft", "line", "panel", "focus", "blocks", "predicted", "live", "waiting"];
            colours = Object.fromEntries(names.map((name) => [name, read(name)]));
            colours.kinds = kinds.map(read);
            colours.inks = kinds.map((kind, i) => (i <= HEAD ? read(kind + "-ink") : ""));
        };

        const fit = (canvas, context) => {
            const ratio = window.devicePixelRatio || 1;
            canvas.width = Math.round(layout.width * ratio);
            canvas.height = Math.round(layout.height * ratio);
            canvas.style.height = layout.height + "px";
            context.setTransform(ratio, 0, 0, ratio, 0, 0);
        };
        const resize = () => {
            layout.width = chart.clientWidth;
            layout.height = panelTop(panels.length) - 8;
            fit(plot, ctx);
            fit(overlay, over);
            draw();
        };

        const grouped = (value) => {
            const digits = String(Math.round(value));
            return digits.replace(/\B(?=(\d{3})+$)/g, "\u202f");
        };
        const duration = (ticks) => {
            const value = ticks * source.secondsPerTick;
            const [scale, unit] = value >= 1 ? [1, "s"] : value >= 1e-3 ? [1e3, "ms"] : [1e6, "µs"];
            return (value === 0 ? "0" : (value * scale).toPrecision(4)) + "\u202f" + unit;
        };
        const percent = (share) => (share * 100).toFixed(1) + "\u202f%";
        const decimals = (step) => Math.min(9, Math.max(0, Math.ceil(-Math.log10(step) - 1e-9)));
        const niceStep = (rough) => {
            const power = 10 ** Math.floor(Math.log10(rough));
            return power * [1, 2, 5, 10].find((factor) => factor * power >= rough * 0.999);
        };

        const font = (size, weight = 400) => `${weight} ${size}px system-ui, -apple-system, "Segoe UI", sans-serif`;
        const label = (text, x, y, colour, align = "left", size = 12, weight = 400) => {
            ctx.font = font(size, weight);
            ctx.fillStyle = colour;
            ctx.textAlign = align;
            ctx.textBaseline = "middle";
            ctx.fillText(text, x, y);
        };

        const drawAxis = () => {
            const from = seconds(view.from), to = seconds(view.to);
            const step = niceStep(((to - from) * 110) / plotWidth());
            const digits = decimals(step);
            ctx.strokeStyle = colours.line;
            ctx.lineWidth = 1;
            ctx.beginPath();
            let last = -Infinity;
            for (let n = Math.ceil(from / step - 1e-9); n * step <= to + step * 1e-9; n++) {
                const x = Math.round(xAt(ticksAt(n * step))) + 0.5;
                ctx.moveTo(x, axisHeight - 4);
                ctx.lineTo(x, panelTop(panels.length - 1) + panelHeight);
                const text = (n * step).toFixed(digits) + " s";
                const half = text.length * 3.6;
                const middle = Math.min(Math.max(x, layout.left + half - 20), layout.width - half);
                if (middle - half > last) {
                    label(text, middle, 10, colours.soft, "center");
                    last = middle + half;
                }
            }
            ctx.stroke();
        };

        let queued = false;
        const redraw = () => {
            if (queued) return;
            queued = true;
            requestAnimationFrame(() => { queued = false; draw(); });
        };
        const draw = () => {
            ctx.clearRect(0, 0, layout.width, layout.height);
            if (!stages.some((stage) => stage.begin.length > 0)) {
                label("The recording has no spans.", layout.left, axisHeight + 10, colours.soft);
                return;
            }
            drawAxis();
            stages.forEach(drawStage);
            drawSwitches();
            panels.forEach(drawPanel);
            describeWindow();
        };
        """#
}
