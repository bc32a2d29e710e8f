"use strict";

// The contents of the panels below the Gantt chart. A panel has either `batch`, a value for each micro-batch, or
// `state`, a value for each retirement; `mark` is a value to draw a line at, `forecast` whether predicted peaks belong
// into it.

const largest = (values) => values.reduce((most, value) => Math.max(most, value), 0);

const panelsOf = (recording) => {
    const { batches, states, blocksTotal: pool } = recording;
    const tokens = Float64Array.from(batches.id, (_, batch) => recording.tokens(batch));
    const foreseen = largest(batches.predicted) - 1;
    const poolTitle = "KV blocks in use" + (pool > 0 ? `, pool of ${grouped(pool)} (dashed)` : "");
    return [
        { title: "Tokens per micro-batch (logarithmic)", unit: "tokens", batch: tokens,
          scale: logarithmicScale(largest(tokens)) },
        { title: "Sequences per micro-batch", unit: "sequences", batch: batches.sequences,
          scale: linearScale(largest(batches.sequences)) },
        // A forecast far above the pool must not flatten the curve of used blocks.
        { title: poolTitle, unit: "KV blocks in use", state: states.blocks, colour: "blocks", mark: pool,
          forecast: foreseen >= 0,
          scale: linearScale(Math.max(pool, largest(states.blocks), Math.min(foreseen, pool * 1.5))) },
        { title: "Live requests", unit: "live requests", state: states.live, colour: "live",
          scale: linearScale(largest(states.live)) },
        { title: "Waiting requests", unit: "waiting requests", state: states.waiting, colour: "waiting",
          scale: linearScale(largest(states.waiting)) },
    ];
};
