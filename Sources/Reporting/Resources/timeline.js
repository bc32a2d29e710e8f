"use strict";

// The page itself: reads the recording, draws the chart, and follows the pointer, the keys, the buttons, the address
// and the size of the page. This file alone touches the document.

const recording = new Recording(JSON.parse(document.getElementById("recording").textContent));
const panels = panelsOf(recording);
const view = new View(recording, panels.length);

const element = document.getElementById("chart");
const plot = document.getElementById("plot");
const overlay = document.getElementById("overlay");
const over = overlay.getContext("2d");
const tip = document.getElementById("tip");
const output = document.getElementById("window");
const meanings = Object.fromEntries([...document.querySelectorAll("[data-kind]")].map((entry) =>
    [entry.dataset.kind, entry.title]));
const chart = { recording, view, panels, meanings, colours: {}, ctx: plot.getContext("2d") };

const readColours = () => {
    const style = getComputedStyle(document.documentElement);
    const read = (name) => style.getPropertyValue("--" + name).trim();
    const names = ["ground", "ink", "soft", "line", "panel", "focus", "blocks", "predicted", "live", "waiting"];
    chart.colours = Object.fromEntries(names.map((name) => [name, read(name)]));
    chart.colours.kinds = kinds.map(read);
    chart.colours.inks = kinds.map((kind, i) => (i <= HEAD ? read(kind + "-ink") : ""));
};

const draw = () => {
    drawChart(chart);
    if (recording.hasSpans) output.textContent = view.summary;
};
let queued = false;
const redraw = () => {
    if (queued) return;
    queued = true;
    requestAnimationFrame(() => { queued = false; draw(); });
};

const fit = (canvas, context) => {
    const ratio = window.devicePixelRatio || 1;
    canvas.width = Math.round(view.width * ratio);
    canvas.height = Math.round(view.height * ratio);
    canvas.style.height = view.height + "px";
    context.setTransform(ratio, 0, 0, ratio, 0, 0);
};
const resize = () => {
    view.width = element.clientWidth;
    fit(plot, chart.ctx);
    fit(overlay, over);
    draw();
};

// The window and the address.

const windowChanged = () => {
    tip.hidden = true;
    redraw();
};
let pendingAddress = 0;
const writeAddress = () => {
    clearTimeout(pendingAddress);
    pendingAddress = setTimeout(() => {
        const address = view.isWhole ? location.href.split("#")[0] : view.fragment;
        // Some browsers refuse this for pages opened from a file; the view works without it.
        try { history.replaceState(null, "", address); } catch { }
    }, 200);
};
const readAddress = () => { if (view.showFragment(location.hash)) windowChanged(); };
const change = (step) => {
    step();
    windowChanged();
    writeAddress();
};
const zoom = (factor, at) => change(() => view.zoom(factor, at));
const move = (share) => change(() => view.move(share));
const showAll = () => change(() => view.showAll());

// The pointer: a tip and a line at its place, a selection while it is dragged.

const showTip = (x, y) => {
    const found = describeAt(chart, x, y);
    tip.hidden = !found;
    if (!found) return;
    const title = document.createElement("b");
    title.textContent = found.title;
    const note = document.createElement("p");
    note.textContent = found.note ?? "";
    tip.replaceChildren(title, note, ...found.rows.map((cells) => {
        const row = document.createElement("div");
        row.append(...cells.map((text) => {
            const cell = document.createElement("span");
            cell.textContent = text;
            return cell;
        }));
        return row;
    }));
    const flip = x + tip.offsetWidth + 24 > view.width;
    tip.style.left = Math.max(0, flip ? x - tip.offsetWidth - 14 : x + 14) + "px";
    tip.style.top = Math.max(0, Math.min(y + 14, view.height - tip.offsetHeight)) + "px";
};

let dragFrom = null;
const drawOverlay = (x) => {
    over.clearRect(0, 0, view.width, view.height);
    if (x === null || x < view.left || x > view.left + view.plotWidth) return;
    if (dragFrom !== null && Math.abs(x - dragFrom) > 3) {
        over.globalAlpha = 0.25;
        over.fillStyle = chart.colours.focus;
        over.fillRect(Math.min(dragFrom, x), AXIS_HEIGHT, Math.abs(x - dragFrom), view.height - AXIS_HEIGHT);
        over.globalAlpha = 1;
    }
    over.fillStyle = chart.colours.soft;
    over.fillRect(Math.round(x), AXIS_HEIGHT, 1, view.height - AXIS_HEIGHT);
};
const place = (event) => {
    const box = overlay.getBoundingClientRect();
    return { x: event.clientX - box.left, y: event.clientY - box.top };
};
const cancelDrag = () => { dragFrom = null; drawOverlay(null); };

overlay.addEventListener("pointermove", (event) => {
    const { x, y } = place(event);
    drawOverlay(dragFrom === null ? x : view.inPlot(x));
    if (dragFrom === null) showTip(x, y); else tip.hidden = true;
});
overlay.addEventListener("pointerleave", () => { tip.hidden = true; drawOverlay(null); });
overlay.addEventListener("pointerdown", (event) => {
    if (event.button !== 0) return;
    dragFrom = view.inPlot(place(event).x);
    overlay.setPointerCapture(event.pointerId);
    element.focus({ preventScroll: true });
});
overlay.addEventListener("pointerup", (event) => {
    if (dragFrom === null) return;
    const [left, right] = [dragFrom, view.inPlot(place(event).x)].sort((a, b) => a - b);
    cancelDrag();
    if (right - left > 3) change(() => view.show(view.ticksAtX(left), view.ticksAtX(right)));
});
overlay.addEventListener("pointercancel", cancelDrag);
overlay.addEventListener("dblclick", showAll);
overlay.addEventListener("wheel", (event) => {
    event.preventDefault();
    const lines = event.deltaMode === 1 ? 16 : 1;
    const across = event.shiftKey ? event.deltaY || event.deltaX : event.deltaX;
    if (event.shiftKey || Math.abs(event.deltaX) > Math.abs(event.deltaY)) move((across * lines) / view.plotWidth);
    else {
        const turn = Math.max(-300, Math.min(300, event.deltaY * lines));
        zoom(Math.exp(turn * 0.002), view.ticksAtX(view.inPlot(place(event).x)));
    }
}, { passive: false });

// Keys and buttons. Up, down and home scroll the page unless the chart has the focus.

const keys = {
    ArrowLeft: () => move(-0.1), ArrowRight: () => move(0.1), "+": () => zoom(0.7), "=": () => zoom(0.7),
    "-": () => zoom(1 / 0.7), 0: showAll, Escape: cancelDrag,
};
const focusedKeys = { ArrowUp: keys["+"], ArrowDown: keys["-"], Home: showAll };
document.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    const action = keys[event.key] || (document.activeElement === element && focusedKeys[event.key]);
    if (!action) return;
    event.preventDefault();
    action();
});
const buttons = { left: keys.ArrowLeft, right: keys.ArrowRight, in: keys["+"], out: keys["-"], all: showAll };
for (const [name, action] of Object.entries(buttons)) document.getElementById(name).onclick = action;

window.addEventListener("hashchange", () => {
    readAddress();
    element.scrollIntoView({ block: "nearest" });
});
new ResizeObserver(() => { if (element.clientWidth !== view.width) resize(); }).observe(element);
matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => { readColours(); redraw(); });
readColours();
readAddress();
resize();
