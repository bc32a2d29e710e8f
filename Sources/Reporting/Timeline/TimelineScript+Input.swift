import Platform

extension TimelinePage {
    /// Zoom, movement, selection, and the window in the address.
    static let inputScript = #"""
        const output = document.getElementById("window");
        const windowDigits = () => decimals((source.secondsPerTick * (view.to - view.from)) / 1000);
        const isWhole = () => view.from <= full.from && view.to >= full.to;
        const describeWindow = () => {
            const digits = windowDigits();
            const merged = stages.some(isMerged) ? ", merged" : "";
            output.textContent =
                `${seconds(view.from).toFixed(digits)} to ${seconds(view.to).toFixed(digits)} s${merged}`;
        };

        let pendingAddress = 0;
        const writeAddress = () => {
            clearTimeout(pendingAddress);
            pendingAddress = setTimeout(() => {
                const digits = windowDigits();
                const part = `#t=${seconds(view.from).toFixed(digits)}-${seconds(view.to).toFixed(digits)}`;
                const address = isWhole() ? location.href.split("#")[0] : part;
                // Some browsers refuse this for pages opened from a file; the view works without it.
                try { history.replaceState(null, "", address); } catch { }
            }, 200);
        };
        const show = (from, to) => {
            const least = Math.min(full.to, Math.max(20, 1e-6 / source.secondsPerTick));
            const length = Math.min(full.to - full.from, Math.max(least, to - from));
            if (to - from < least) from = (from + to - least) / 2;
            view.from = Math.min(Math.max(full.from, from), full.to - length);
            view.to = view.from + length;
            tip.hidden = true;
            redraw();
        };
        const change = (from, to) => { show(from, to); writeAddress(); };
        const zoom = (factor, at = (view.from + view.to) / 2) =>
            change(at - (at - view.from) * factor, at + (view.to - at) * factor);
        const move = (share) => {
            const by = (view.to - view.from) * share;
            change(view.from + by, view.to + by);
        };
        const reset = () => change(full.from, full.to);
        const readAddress = () => {
            const match = /^#t=(\d+(?:\.\d+)?)-(\d+(?:\.\d+)?)$/.exec(location.hash);
            if (match && +match[2] > +match[1]) show(ticksAt(+match[1]), ticksAt(+match[2]));
            else if (location.hash === "") show(full.from, full.to);
        };

        let dragFrom = null;
        const drawOverlay = (x) => {
            over.clearRect(0, 0, layout.width, layout.height);
            if (x === null || x < layout.left || x > layout.left + plotWidth()) return;
            if (dragFrom !== null && Math.abs(x - dragFrom) > 3) {
                over.globalAlpha = 0.25;
                over.fillStyle = colours.focus;
                over.fillRect(Math.min(dragFrom, x), axisHeight, Math.abs(x - dragFrom), layout.height - axisHeight);
                over.globalAlpha = 1;
            }
            over.fillStyle = colours.soft;
            over.fillRect(Math.round(x), axisHeight, 1, layout.height - axisHeight);
        };
        const place = (event) => {
            const box = overlay.getBoundingClientRect();
            return { x: event.clientX - box.left, y: event.clientY - box.top };
        };
        const inPlot = (x) => Math.min(Math.max(x, layout.left), layout.left + plotWidth());
        overlay.addEventListener("pointermove", (event) => {
            const { x, y } = place(event);
            drawOverlay(dragFrom === null ? x : inPlot(x));
            if (dragFrom === null) showTip(x, y); else tip.hidden = true;
        });
        overlay.addEventListener("pointerleave", () => { tip.hidden = true; drawOverlay(null); });
        overlay.addEventListener("pointerdown", (event) => {
            if (event.button !== 0) return;
            dragFrom = inPlot(place(event).x);
            overlay.setPointerCapture(event.pointerId);
            chart.focus({ preventScroll: true });
        });
        overlay.addEventListener("pointerup", (event) => {
            if (dragFrom === null) return;
            const [left, right] = [dragFrom, inPlot(place(event).x)].sort((a, b) => a - b);
            dragFrom = null;
            drawOverlay(null);
            if (right - left > 3) change(ticksAtX(left), ticksAtX(right));
        });
        const cancelDrag = () => { dragFrom = null; drawOverlay(null); };
        overlay.addEventListener("pointercancel", cancelDrag);
        overlay.addEventListener("dblclick", reset);
        overlay.addEventListener("wheel", (event) => {
            event.preventDefault();
            const lines = event.deltaMode === 1 ? 16 : 1;
            const across = event.shiftKey ? event.deltaY || event.deltaX : event.deltaX;
            if (event.shiftKey || Math.abs(event.deltaX) > Math.abs(event.deltaY)) move((across * lines) / plotWidth());
            else {
                const turn = Math.max(-300, Math.min(300, event.deltaY * lines));
                zoom(Math.exp(turn * 0.002), ticksAtX(inPlot(place(event).x)));
            }
        }, { passive: false });

        // Up, down and home scroll the page unless the chart has the focus.
        const keys = {
            ArrowLeft: () => move(-0.1), ArrowRight: () => move(0.1), "+": () => zoom(0.7), "=": () => zoom(0.7),
            "-": () => zoom(1 / 0.7), 0: reset, Escape: cancelDrag,
        };
        const focusedKeys = { ArrowUp: keys["+"], ArrowDown: keys["-"], Home: reset };
        document.addEventListener("keydown", (event) => {
            if (event.ctrlKey || event.metaKey || event.altKey) return;
            const action = keys[event.key] || (document.activeElement === chart && focusedKeys[event.key]);
            if (!action) return;
            event.preventDefault();
            action();
        });
        const buttons = { left: keys.ArrowLeft, right: keys.ArrowRight, in: keys["+"], out: keys["-"], all: reset };
        for (const [name, action] of Object.entries(buttons)) document.getElementById(name).onclick = action;

        window.addEventListener("hashchange", () => {
            readAddress();
            chart.scrollIntoView({ block: "nearest" });
        });
        new ResizeObserver(() => { if (chart.clientWidth !== layout.width) resize(); }).observe(chart);
        matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => { readColours(); redraw(); });
        readColours();
        readAddress();
        resize();
        """#
}
