import Platform

/// How much the micro-batches with decode steps, mixed ones included, differed in time and in their number of
/// sequences.
///
/// A micro-batch's time is that of its slowest stage: the most seconds that one stage spent on the micro-batch, on its
/// layers and on a share of the output head together. A micro-batch's sequences are its decode steps. Variation is the
/// standard deviation (over all values, not a sample) over the mean; 0 for fewer than two values.
///
/// `variation` covers the whole run, so it grows as well when the load falls towards the end. `imbalance` sees only
/// micro-batches that circulate together: the run is cut into rounds of as many consecutive micro-batches as there are
/// stages, beginning anew after each prefill, and `imbalance` is the mean of the rounds' variations. An incomplete
/// round at the end of a stretch counts if it has at least two micro-batches.
package struct DecodeImbalance: Sendable, Hashable {
    /// A variation in time and in sequences.
    package struct Spread: Sendable, Hashable {
        package var time: Double
        package var sequences: Double

        package init(time: Double = 0, sequences: Double = 0) {
            self.time = time
            self.sequences = sequences
        }
    }

    /// Micro-batches with decode steps that have a record and a span.
    package var microBatches: Int
    /// The variation over the whole run.
    package var variation: Spread
    /// The mean variation of the rounds; 0 without rounds, as with one stage.
    package var imbalance: Spread

    package init(microBatches: Int = 0, variation: Spread = Spread(), imbalance: Spread = Spread()) {
        self.microBatches = microBatches
        self.variation = variation
        self.imbalance = imbalance
    }

    /// One object, with keys always in the same order.
    package var json: JSONValue {
        .object([
            .init("decode_micro_batches", .integer(microBatches)),
            .init("round_time", .number(imbalance.time)),
            .init("round_sequences", .number(imbalance.sequences)),
            .init("run_time", .number(variation.time)),
            .init("run_sequences", .number(variation.sequences)),
        ])
    }
}
