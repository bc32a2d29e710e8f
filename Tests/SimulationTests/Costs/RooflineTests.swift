import Scheduling
import Simulation
import Testing

@Suite struct RooflineTests {
    private func timing(
        stages: Int = 2, tensor: Int = 1, device: Hardware? = nil, link: String = "slow",
        settings: ModelSettings = ModelSettings()
    ) throws -> RooflineTiming {
        let catalogue = try TinyCatalogue.catalogue()
        let model = try catalogue.model(named: "doll")
        return try RooflineTiming(
            model: model, device: device ?? catalogue.device(named: "chip"),
            layout: .headLast(model, stages: stages), tensor: tensor, tensorLink: catalogue.link(named: link),
            settings: settings)
    }

    @Test func aProductIsTilesInWavesAndBytes() throws {
        let chip = try TinyCatalogue.chip()
        func seconds(_ rows: Int, _ inputs: Int, _ outputs: Int) -> Double {
            chip.productSeconds(rows: rows, inputs: inputs, outputs: outputs, weightBytes: 2, activationBytes: 2)
        }
        // 3 rows in a tile of 4 x 4, 9 columns in 3 tiles: one wave of 4 units, 2 x 4 x 16 x 10 operations.
        #expect(isClose(seconds(3, 10, 9), 1280 / 5e5 + Double(2 * 90 + 2 * 3 * 19) / 5e5))
        // 9 rows take two tiles of 8 rows, so 6 tiles in two waves.
        #expect(isClose(seconds(9, 10, 9), 2 * 8 * 32 * 10 / 5e5 + Double(2 * 90 + 2 * 9 * 19) / 5e5))
        // Steps stand where a tile or a wave begins, and nowhere else.
        let arithmetic = (1...17).map { seconds($0, 10, 16) - Double(2 * 160 + 2 * $0 * 26) / 5e5 }
        let steps = (1..<17).filter { arithmetic[$0] > arithmetic[$0 - 1] * 1.0001 }
        #expect(steps == [1, 2, 4, 8, 16])
        #expect(seconds(0, 10, 9) == 0)
    }

    @Test func arithmeticAndTrafficOverlapByTheCurve() throws {
        let (a, b) = (1280 / 5e5, Double(2 * 90 + 2 * 3 * 19) / 5e5)
        for (overlap, expected) in [(2.0, (a * a + b * b).squareRoot()), (64, max(a, b))] {
            let chip = try TinyCatalogue.chip(overlap: overlap)
            let seconds = chip.productSeconds(rows: 3, inputs: 10, outputs: 9, weightBytes: 2, activationBytes: 2)
            #expect(isClose(seconds, expected), "\(overlap)")
        }
    }

    @Test func aLayerIsFourProductsAndAttention() throws {
        let timing = try timing()
        // By product: operations of whole waves, bytes. Query-key-value 8 -> 16, output 8 -> 8, gate-and-up 8 -> 32
        // (two waves), down 16 -> 8.
        let products = Double(256 + 256 + 512 + 512) / 5e5 + Double(304 + 160 + 592 + 304) / 5e5
        // 4 x 2 heads x 4 columns for each of 100 tokens; 2 x 4 numbers of 2 bytes of each.
        let attention = 3200 / 2.5e5 + 1600 / 5e5
        let load = StepLoad.decode(sequences: 1, context: 100)
        #expect(isClose(timing.layerSeconds(load, on: 0), 2 * (products + attention)))
        #expect(isClose(timing.layerSeconds(load, on: 1), 2 * (products + attention)))
        // 8 -> 32 with one row: two waves.
        let head = 512 / 5e5 + 592 / 5e5
        #expect(timing.headSeconds(load, on: 0) == 0 && isClose(timing.headSeconds(load, on: 1), head))
        #expect(isClose(KnownStepCost(timing).seconds(load, on: 1), 2 * (products + attention) + head))
        // A prompt of 10 tokens reads each of them once.
        let prompt = StepLoad.prefill(tokens: 10)
        let known = timing.layerSeconds(prompt, cacheReads: 10, on: 0)
        #expect(isClose(timing.layerSeconds(prompt, on: 0), known))
        let more = timing.layerSeconds(prompt, cacheReads: 110, on: 0)
        #expect(isClose(more - known, 2 * 100 * 16 / 5e5))
    }

    @Test func tensorParallelismCutsProductsAndAddsAllReduces() throws {
        let timing = try timing(stages: 1, tensor: 2)
        // 8 -> 4 + 8 (a copy of the one key and value head), 4 -> 8, 8 -> 16, 8 -> 8.
        let products = Double(256 + 128 + 256 + 256) / 5e5 + Double(232 + 88 + 304 + 160) / 5e5
        // Two of 2 turns of 1 s and 8 of 16 bytes.
        let reduces = 2 * 2 * (1 + 0.008)
        let attention = 1600 / 2.5e5 + 1600 / 5e5
        let load = StepLoad.decode(sequences: 1, context: 100)
        #expect(isClose(timing.layerSeconds(load, on: 0), 4 * (products + reduces + attention)))
        // 8 -> 16 in one wave, and the gathering of 32 logits of 2 bytes.
        #expect(isClose(timing.headSeconds(load, on: 0), 256 / 5e5 + Double(2 * 128 + 2 * 24) / 5e5 + 1.032))
        let shared = try self.timing(stages: 1, tensor: 2, link: "hub")
        let slower = shared.layerSeconds(load, on: 0) - timing.layerSeconds(load, on: 0)
        #expect(isClose(slower, 4 * 2 * 2 * 0.008))
    }

    @Test func aStageTakesNoLessThanItsLaunches() throws {
        let device = try TinyCatalogue.chip(launchMicroseconds: 1_000_000)
        let timing = try timing(device: device)
        #expect(timing.layerSeconds(.decode(sequences: 1, context: 1), on: 0) == 2)
        let long = StepLoad.prefill(tokens: 2000)
        #expect(timing.layerSeconds(long, on: 0) == (try self.timing().layerSeconds(long, on: 0)))
        #expect(timing.headSeconds(long, on: 1) < 1)
    }

    @Test func tablesAndFormulaMeet() throws {
        let timing = try timing()
        // Beyond 2,048 rows the formula is used: no jump but that of a tile.
        for rows in [2041, 2047, 2048] {
            let (a, b) = (
                timing.layerSeconds(StepLoad(tokens: rows, context: 0, sequences: 0), on: 0),
                timing.layerSeconds(StepLoad(tokens: rows + 8, context: 0, sequences: 0), on: 0)
            )
            #expect(b > a && b < a * 1.01)
            let heads = [rows, rows + 8].map {
                timing.headSeconds(StepLoad(tokens: $0, context: 0, sequences: $0), on: 1)
            }
            #expect(heads[1] > heads[0] && heads[1] < heads[0] * 1.01)
        }
    }

    @Test func formatsAndActivationsHaveTheirBytes() throws {
        let load = StepLoad(tokens: 1, context: 0, sequences: 0)
        let full = try timing().layerSeconds(load, on: 0)
        let quarter = try timing(settings: ModelSettings(weights: .q40)).layerSeconds(load, on: 0)
        let weights = 2.0 * 576
        #expect(isClose(full - quarter, weights * (2 - 0.5625) / 5e5))
        #expect(try timing().activationBytes(StepLoad(tokens: 7, context: 0, sequences: 0)) == 7 * 8 * 2 * 2)
        let one = ModelSettings(activationBytes: 4, boundaryTensors: 1)
        #expect(try timing(settings: one).activationBytes(StepLoad(tokens: 7, context: 0, sequences: 0)) == 7 * 8 * 4)
    }

    @Test func cacheReadsAreExactWhereTheLoadTellsThem() {
        #expect(StepLoad.decode(sequences: 5, context: 500).estimatedCacheReads == 500)
        #expect(StepLoad.prefill(tokens: 100).estimatedCacheReads == 100)
        #expect(StepLoad.prefill(tokens: 100, from: 300, isLast: false).estimatedCacheReads == 400)
        #expect(StepLoad(tokens: 0, context: 0, sequences: 0).estimatedCacheReads == 0)
        // Three prompts from their beginnings.
        let prompts = [50, 60, 70].map { StepLoad.prefill(tokens: $0) }.reduce(
            StepLoad.decode(sequences: 0, context: 0), +)
        #expect(prompts.estimatedCacheReads == 180)
        // 20 decode steps at 400 tokens beside a chunk of 100 from 400 on: 20 x 400 + 500 are read.
        let mixed = StepLoad.decode(sequences: 20, context: 8000) + .prefill(tokens: 100, from: 400, isLast: false)
        #expect(abs(mixed.estimatedCacheReads - 8500) < 50, "\(mixed.estimatedCacheReads)")
    }
}
