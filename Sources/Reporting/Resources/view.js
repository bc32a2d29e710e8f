"use strict";

const AXIS_HEIGHT = 24, PANEL_HEIGHT = 62, PANEL_STEP = PANEL_HEIGHT + 28, PANELS_TOP = 26;

// The visible window and the layout of the chart: from the top the time axis, the flags of the switches, the marks of
// the trials, a row for each stage, and the panels. Times are ticks, places are CSS pixels.
class View {
    constructor(recording, panelCount) {
        const stageCount = recording.stages.length;
        this.recording = recording;
        this.panelCount = panelCount;
        this.whole = { from: 0, to: Math.max(1, recording.end) };
        this.from = this.whole.from;
        this.to = this.whole.to;

        // The size of the whole chart; the page sets the width.
        this.width = 0;
        this.left = 74;
        this.right = 14;
        this.rowHeight = stageCount <= 6 ? 38 : stageCount <= 16 ? 24 : 14;
        this.rowStep = this.rowHeight + (stageCount <= 16 ? 6 : 2);
        this.hasSwitches = recording.switches.batch.length > 0;
        this.hasTrials = recording.trials.length > 0;
        this.marksTop = AXIS_HEIGHT + 2;
        this.trialsTop = this.marksTop + (this.hasSwitches ? 18 : 0);
        this.rowsTop = this.trialsTop + 2 + (this.hasTrials ? 18 : 0);
        this.rowsBottom = this.rowsTop + stageCount * this.rowStep;
        this.panelsTop = this.rowsBottom + PANELS_TOP;
        this.height = this.panelTop(panelCount) - 8;
    }

    rowTop(s) { return this.rowsTop + s * this.rowStep; }

    panelTop(p) { return this.panelsTop + p * PANEL_STEP; }

    get plotWidth() { return Math.max(1, this.width - this.left - this.right); }

    xAt(ticks) { return this.left + ((ticks - this.from) / (this.to - this.from)) * this.plotWidth; }

    ticksAtX(x) { return this.from + ((x - this.left) / this.plotWidth) * (this.to - this.from); }

    // The place within the plot that is nearest to `x`.
    inPlot(x) { return Math.min(Math.max(x, this.left), this.left + this.plotWidth); }

    // The region at a place: { switches: true }, { trials: true }, { stage } or { panel } with its number, or null.
    regionAt(x, y) {
        if (x < this.left - 2 || x >= this.left + this.plotWidth) return null;
        if (this.hasSwitches && y >= this.marksTop - 2 && y < this.trialsTop) return { switches: true };
        if (this.hasTrials && y >= this.trialsTop && y < this.rowsTop) return { trials: true };
        const stage = Math.floor((y - this.rowsTop) / this.rowStep);
        if (stage >= 0 && stage < this.recording.stages.length && y < this.rowTop(stage) + this.rowHeight) {
            return { stage };
        }
        const panel = Math.floor((y - this.panelsTop) / PANEL_STEP);
        if (panel >= 0 && panel < this.panelCount && y < this.panelTop(panel) + PANEL_HEIGHT) return { panel };
        return null;
    }

    // Shows a window, moved if it would leave the run, and widened if it would be too short to show anything.
    show(from, to) {
        const { whole } = this;
        const least = Math.min(whole.to, Math.max(20, 1e-6 / this.recording.secondsPerTick));
        const length = Math.min(whole.to - whole.from, Math.max(least, to - from));
        if (to - from < least) from = (from + to - least) / 2;
        this.from = Math.min(Math.max(whole.from, from), whole.to - length);
        this.to = this.from + length;
    }

    showAll() { this.show(this.whole.from, this.whole.to); }

    // Makes the window `factor` times as long; the time `at` stays at its place on the screen.
    zoom(factor, at = (this.from + this.to) / 2) {
        this.show(at - (at - this.from) * factor, at + (this.to - at) * factor);
    }

    // Moves by a share of the window's length.
    move(share) {
        const by = (this.to - this.from) * share;
        this.show(this.from + by, this.to + by);
    }

    get isWhole() { return this.from <= this.whole.from && this.to >= this.whole.to; }

    // Spans of fewer than three pixels on average are merged.
    isMerged(stage) { return visibleSpans(stage, this.from, this.to) > this.plotWidth / 3; }

    // The window's length in seconds.
    get seconds() { return this.recording.secondsPerTick * (this.to - this.from); }

    // Begin and end of the window in seconds, as text.
    get edges() {
        const digits = decimals(this.seconds / 1000);
        return [this.from, this.to].map((ticks) => this.recording.seconds(ticks).toFixed(digits));
    }

    get summary() {
        const [from, to] = this.edges;
        const merged = this.recording.stages.some((stage) => this.isMerged(stage)) ? ", merged" : "";
        return `${from} to ${to} s${merged}`;
    }

    // The fragment of an address that names the window.
    get fragment() { return `#t=${this.edges.join("-")}`; }

    // Shows the window that a fragment names, or the whole run for an empty fragment; any other fragment changes
    // nothing. Returns whether a window was shown.
    showFragment(fragment) {
        const match = /^#t=(\d+(?:\.\d+)?)-(\d+(?:\.\d+)?)$/.exec(fragment);
        if (match && +match[2] > +match[1]) {
            this.show(this.recording.ticksAt(+match[1]), this.recording.ticksAt(+match[2]));
            return true;
        }
        if (fragment !== "") return false;
        this.showAll();
        return true;
    }
}
