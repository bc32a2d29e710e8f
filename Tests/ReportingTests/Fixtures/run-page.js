"use strict";

// node run-page.js page.html EXPRESSION: runs the scripts of a page without a browser, in a document that has just what
// timeline.js asks of it, and prints what the expression comes to after that, as JSON between [[ and ]].

const fs = require("node:fs");
const vm = require("node:vm");

const [path, expression] = process.argv.slice(2);
const html = fs.readFileSync(path, "utf8");

class FakeElement {
    constructor(text = "") {
        this.textContent = text;
        this.children = [];
        this.style = {};
        this.hidden = false;
        this.listeners = {};
        this.dataset = {};
        this.clientWidth = this.offsetWidth = 760;
        this.offsetHeight = 100;
    }

    addEventListener(type, listener) { (this.listeners[type] ??= []).push(listener); }

    dispatchEvent(event) {
        for (const listener of this.listeners[event.type] ?? []) listener.call(this, event);
        if (event.type === "click") this.onclick?.(event);
    }

    click() { this.dispatchEvent({ type: "click" }); }

    append(...children) { this.children.push(...children); }

    replaceChildren(...children) { this.children = children; }

    // A context that refuses what a canvas would not understand: methods it does not have, and places that are no
    // numbers.
    getContext() {
        const methods = ["beginPath", "clearRect", "clip", "fill", "fillRect", "fillText", "lineTo", "measureText",
            "moveTo", "rect", "restore", "save", "setLineDash", "setTransform", "stroke"];
        const context = {};
        for (const name of methods) {
            context[name] = (...values) => {
                for (const value of values) {
                    if (typeof value === "number" && !Number.isFinite(value)) throw Error(`${name}(${values})`);
                }
                return { width: 100 };
            };
        }
        return context;
    }

    getBoundingClientRect() { return { left: 0, top: 0 }; }

    setPointerCapture() {}

    focus() { document.activeElement = this; }

    scrollIntoView() {}
}

class FakeEvent {
    constructor(type, settings = {}) { Object.assign(this, { type, button: 0, deltaMode: 0 }, settings); }

    preventDefault() {}
}

const page = new FakeElement();
const elements = {};
for (const [, id] of html.matchAll(/\bid="([^"]+)"/g)) elements[id] = new FakeElement();
elements.recording.textContent = /id="recording">(.*?)<\/script>/s.exec(html)[1];
const legend = [...html.matchAll(/data-kind="([^"]*)" title="([^"]*)"/g)].map(([, kind, title]) =>
    Object.assign(new FakeElement(), { title, dataset: { kind } }));

Object.assign(globalThis, {
    window: page,
    document: Object.assign(new FakeElement(), {
        documentElement: page,
        activeElement: null,
        getElementById: (id) => elements[id] ?? null,
        querySelectorAll: () => legend,
        createElement: () => new FakeElement(),
    }),
    location: { hash: "", href: "file:///page.html" },
    history: { replaceState() {} },
    getComputedStyle: () => ({ getPropertyValue: (name) => `colour of ${name}` }),
    matchMedia: () => new FakeElement(),
    requestAnimationFrame: (draw) => queueMicrotask(draw),
    ResizeObserver: class { observe() {} },
    MouseEvent: FakeEvent,
    PointerEvent: FakeEvent,
    WheelEvent: FakeEvent,
    KeyboardEvent: FakeEvent,
});

for (const [, script] of html.matchAll(/<script>\n(.*?)<\/script>/gs)) vm.runInThisContext(script, "script of the page");
console.log(`[[${JSON.stringify(vm.runInThisContext(`(${expression})`, "expression"))}]]`);
