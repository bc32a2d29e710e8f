import Foundation
import TestTools
import Testing

extension CommandTests {
    /// `run --stages auto`.
    @Suite("stages auto", .enabled(if: Settings.cache != nil, CommandTests.needsCache))
    struct ShapeTests {
        private let batch: Batch

        init() throws {
            var file = RequestFile()
            var generator = SplitMix(seed: 11)
            for index in 0..<12 {
                let prompt = Words.tokens(5 + index * 9, using: &generator)
                try file.add("\(index)", ["prompt": prompt, "max_tokens": 12, "temperature": 0.7])
            }
            batch = try Batch(file)
        }

        /// What a run told, its figures, and its answers.
        private typealias Run = (seen: CommandResult, shape: JSONTree, figures: JSONTree, answers: OutputFile)

        private func run(_ output: String, _ extra: [String] = [], cache: String? = nil) throws -> Run {
            let stats = batch.folder.file(output + ".stats")
            let plan = ["--stages", "auto", "--stats", stats] + extra
            let seen = try tideway(
                batch.arguments(output: output, plan), environment: cache.map { ["XDG_CACHE_HOME": $0] } ?? [:])
            guard seen.status == 0, !seen.isSignalled else { throw TestFailure("\(seen.status): \(seen.errors)") }
            let figures = try JSONTree(parsing: bytes(of: stats))
            let shape = try #require(figures["shape"], "--stats has no shape")
            return (seen, shape, figures, try OutputFile(batch.folder.file(output)))
        }

        /// The fields of `chosen_from`.
        private func candidates(_ shape: JSONTree) throws -> [JSONTree] { try #require(shape["chosen_from"]?.elements) }

        @Test("the answers are those of one stage, and the shape is told")
        func answers() throws {
            let reference = try batch.run("reference", ["--stages", "1", "--threads", "1"])
            for (index, extra) in [[], ["--threads", "1"], ["--policy", "hybrid"]].enumerated() {
                let run = try run("auto-\(index)", extra)
                #expect(run.answers.differences(from: reference) == [])
                let stages = try #require(run.shape["stages"]?.integer)
                #expect((1...4).contains(stages), "the model has 4 layers")
                #expect(run.figures["stages"]?.integer == stages)
                #expect(run.figures["threads"]?.integer == run.shape["threads"]?.integer)
                #expect(run.figures["stage_busy_seconds"]?.elements?.count == stages)
                let candidates = try candidates(run.shape)
                let lines = run.seen.errorLines.filter { $0.hasPrefix("stages auto: \(stages) stage") }
                #expect(lines.count == 1, "\(run.seen.errors)")
                let measured = run.seen.errorLines.filter { $0.contains("measuring a short one") }
                if candidates.isEmpty {
                    #expect(stages == 1, "on one core there is nothing to compare")
                } else {
                    #expect(measured.count == candidates.count, "\(run.seen.errors)")
                    #expect(candidates.compactMap { $0["stages"]?.integer } == Array(1...candidates.count))
                    #expect(candidates.compactMap { $0["seconds"]?.number }.allSatisfy { $0 > 0 })
                    #expect(run.shape["sampled"]?.integer == 12)
                }
            }
        }

        @Test("the stored profile that promises the shortest time decides, each time alike")
        func stored() throws {
            let first = try candidates(try run("first", ["--threads", "1"]).shape)
            // With one core there is one candidate, which needs no profile.
            guard !first.isEmpty else { return }
            var profiles: [String: JSONTree] = [:]
            for stages in 1...first.count {
                let path = batch.folder.file("profile-\(stages)")
                let result = try tideway(
                    [
                        "profile", "--model", batch.model, "--stages", "\(stages)", "--threads", "1", "--kv-memory",
                        "1MiB", "--output", path,
                    ])
                guard result.status == 0 else { throw TestFailure(result.errors) }
                let profile = try JSONTree(parsing: bytes(of: path))
                let model = try #require(profile["model_fingerprint"]?.string)
                profiles["profile-\(model)-\(stages)x1.json"] = profile
            }
            for favoured in [1, first.count] {
                let cache = batch.folder.file("cache-\(favoured)")
                try FileManager.default.createDirectory(
                    atPath: cache + "/tideway", withIntermediateDirectories: true)
                for (name, profile) in profiles {
                    let isFavoured = name.hasSuffix("-\(favoured)x1.json")
                    try batch.folder.write(
                        "cache-\(favoured)/tideway/\(name)", scaled(profile, by: isFavoured ? 1 : 1000).line)
                }
                let one = try run("one-\(favoured)", ["--threads", "1"], cache: cache)
                let two = try run("two-\(favoured)", ["--threads", "1"], cache: cache)
                #expect(one.shape["stages"]?.integer == favoured, "\(one.seen.errors)")
                #expect(one.shape == two.shape)
                #expect(!one.seen.errors.contains("measuring"), "\(one.seen.errors)")
                #expect(one.answers.differences(from: two.answers) == [])
            }
        }

        /// A profile of a machine that is slower by `factor`.
        private func scaled(_ tree: JSONTree, by factor: Double, isTime: Bool = false) -> JSONTree {
            switch tree {
            case .number(let number): .number(isTime ? number * factor : number)
            case .array(let elements): .array(elements.map { scaled($0, by: factor, isTime: isTime) })
            case .object(let members):
                .object(
                    Dictionary(
                        uniqueKeysWithValues: members.map {
                            ($0.key, scaled($0.value, by: factor, isTime: $0.key == "stage_seconds"))
                        }))
            case .null, .bool, .string: tree
            }
        }

        @Test("a resumed run chooses for what is left, and a finished one chooses nothing")
        func resumed() throws {
            let whole = try run("out")
            let lines = String(decoding: bytes(of: batch.folder.file("out")), as: UTF8.self).split(separator: "\n")
            try batch.folder.write("out", lines.prefix(7).joined(separator: "\n").utf8 + [0x0A])
            let rest = try run("out")
            #expect(rest.answers.differences(from: whole.answers) == [])
            if try !candidates(rest.shape).isEmpty { #expect(rest.shape["sampled"]?.integer == 5) }

            let done = try tideway(batch.arguments(output: "out", ["--stages", "auto"]))
            #expect(done.status == 0 && !done.errors.contains("stages auto:"), "\(done.errors)")
        }

        @Test("quiet runs say nothing")
        func quiet() throws {
            #expect(try run("out", ["--quiet"]).seen.errors.isEmpty)
        }
    }
}
