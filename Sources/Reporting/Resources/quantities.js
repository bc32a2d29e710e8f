"use strict";

// Numbers as people read them, and the scales of axes.

const grouped = (value) => {
    const digits = String(Math.round(value));
    return digits.replace(/\B(?=(\d{3})+$)/g, "\u202f");
};

const duration = (seconds) => {
    const [scale, unit] = seconds >= 1 ? [1, "s"] : seconds >= 1e-3 ? [1e3, "ms"] : [1e6, "µs"];
    return (seconds === 0 ? "0" : (seconds * scale).toPrecision(4)) + "\u202f" + unit;
};

const percent = (share) => (share * 100).toFixed(1) + "\u202f%";

// The number of digits after the point that distinguish neighbouring multiples of `step`.
const decimals = (step) => Math.min(9, Math.max(0, Math.ceil(-Math.log10(step) - 1e-9)));

// The least of 1, 2 and 5 times a power of ten that is not below `rough`.
const niceStep = (rough) => {
    const power = 10 ** Math.floor(Math.log10(rough));
    return power * [1, 2, 5, 10].find((factor) => factor * power >= rough * 0.999);
};

// A scale has the values of its ticks, and `share`: the position of a value on the axis, from 0 to 1.
const linearScale = (most) => {
    const step = Math.max(1, niceStep(Math.max(1, most) / 4));
    const top = Math.max(most * 1.04, step);
    const ticks = [];
    for (let value = 0; value <= top; value += step) ticks.push(value);
    return { ticks, share: (value) => value / top };
};

const logarithmicScale = (most) => {
    const powers = Math.max(1, Math.ceil(Math.log10(Math.max(2, most)) - 1e-9));
    const ticks = [];
    for (let p = 0; p <= powers; p += powers > 3 ? 2 : 1) ticks.push(10 ** p);
    return { ticks, share: (value) => (value < 1 ? 0 : (Math.log10(value) + 0.08) / (powers + 0.08)) };
};
