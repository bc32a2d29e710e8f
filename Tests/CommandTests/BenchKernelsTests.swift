import Benchmarks
import TestTools
import Testing

extension CommandTests {
    /// `tideway bench kernels`: that it measures everything, not how fast anything is.
    @Suite("bench kernels")
    struct BenchKernelsTests {
        private static let formats = [
            "q4_0", "q4_1", "q4_K", "q5_0", "q5_1", "q5_K", "q6_K", "q8_0", "s8", "f32",
        ]
        private static let rowKernels = [
            "rms_norm", "layer_norm", "quantise_rows", "rope", "silu_multiply", "gelu", "add_bias", "add", "argmax",
            "exp_sum",
        ]

        private func bench(_ extra: [String]) throws -> CommandResult {
            try tideway(["bench", "kernels", "--quick"] + extra)
        }

        private func isPositive(_ value: JSONTree?) -> Bool { (value?.number).map { $0.isFinite && $0 > 0 } ?? false }

        @Test("every set, every format, cold and warm", arguments: [1, 2])
        func figures(threads: Int) throws {
            let folder = try TemporaryFolder()
            let json = folder.file("k.json")
            let result = try bench(["--threads", "\(threads)", "--json", json])
            try #require(result.status == 0, "\(result.errors)")
            let root = try JSONTree(parsing: bytes(of: json))
            #expect(root["threads"]?.integer == threads && root["machine"]?["cores"]?.integer ?? 0 > 0)
            let runs = try #require(root["runs"]?.elements)
            for set in KernelBench.setNames {
                let own = runs.filter { $0["kernels"]?.string == set }
                for format in Self.formats {
                    for rows in [1, 16] {
                        for cold in [true, false] {
                            let found = own.filter {
                                $0["kernel"] == "gemm" && $0["format"]?.string == format && $0["rows"]?.integer == rows
                                    && $0["cold"] == .bool(cold)
                            }
                            #expect(found.count == 1, "\(set) \(format), \(rows) rows, cold \(cold)")
                            #expect(found.allSatisfy { isPositive($0["operations_per_second"]) })
                        }
                    }
                }
                #expect(own.count { $0["kernel"] == "decode attention" && $0["context"] == 128 } == 4)
                #expect(own.count { $0["kernel"] == "prefill attention" && $0["context"] == 128 } == 2)
                #expect(own.count { $0["kernel"] == "text attention" && $0["context"] == 32 } == 1)
                for kernel in Self.rowKernels {
                    #expect(own.count { $0["kernel"]?.string == kernel } == 1, "\(kernel)")
                }
                let lines = result.output.split(separator: "\n").filter { $0.hasPrefix(set + " ") }
                // The ceilings of the set stand on a line of their own.
                #expect(lines.count == own.count + 1)
            }
            for run in runs {
                #expect(isPositive(run["bytes_per_second"]) && isPositive(run["best_bytes_per_second"]))
                if let median = run["operations_per_second"]?.number {
                    #expect(run["best_operations_per_second"]?.number ?? 0 >= median)
                }
            }
        }

        @Test("ceilings of every set but the portable one, and shares of them")
        func ceilings() throws {
            let folder = try TemporaryFolder()
            let json = folder.file("k.json")
            try #require(try bench(["--json", json]).status == 0)
            let root = try JSONTree(parsing: bytes(of: json))
            let ceilings = try #require(root["ceilings"]?.elements)
            #expect(ceilings.compactMap { $0["kernels"]?.string } == KernelBench.setNames)
            for ceiling in ceilings {
                #expect(isPositive(ceiling["memory_bytes_per_second"]))
                #expect(isPositive(ceiling["memory_bytes_per_second_one_thread"]))
                for kind in ["int4", "int8", "f32"] {
                    let isKnown = ceiling["kernels"] != "portable"
                    #expect(isPositive(ceiling["\(kind)_operations_per_second"]) == isKnown)
                }
            }
            for run in root["runs"]?.elements ?? [] {
                let hasCeiling = run["kernels"] != "portable" && run["operations_per_second"]?.number != nil
                #expect(isPositive(run["share_of_ceiling"]) == hasCeiling)
                guard hasCeiling else { continue }
                let limits: [JSONTree] =
                    switch run["format"]?.string {
                    case "q4_0", "q4_1", "q4_K": ["int4", "memory"]
                    // Products with f32 weights, attention over halves, and attention of an encoder.
                    case "f32", "f16", nil: ["f32", "memory"]
                    default: ["int8", "memory"]
                    }
                let limit = try #require(run["ceiling"])
                #expect(limits.contains(limit) && (run["cold"] == true || limit != "memory"))
            }
        }

        @Test("one set alone")
        func oneSet() throws {
            let best = try #require(KernelBench.setNames.last)
            for (choice, expected) in [("best", best), ("portable", "portable")] {
                let result = try bench(["--kernels", choice])
                #expect(result.status == 0)
                for set in KernelBench.setNames {
                    #expect(result.output.contains("\n\(set) ") == (set == expected), "\(set) of \(choice)")
                }
            }
        }

        @Test("wrong usage names the limits and what was given")
        func usage() throws {
            for (arguments, parts) in [
                (["--threads", "0"], ["--threads is 0", "1...1024"]),
                (["--repeat", "20000"], ["--repeat is 20000", "1...10000"]),
                (["--kernels", "mmx"], ["'mmx'", "portable", "all"]),
            ] {
                let result = try bench(arguments)
                #expect(result.status == 2 && result.output.isEmpty)
                for part in parts { #expect(result.errors.contains(part), "\(result.errors) lacks \(part)") }
            }
        }
    }
}
