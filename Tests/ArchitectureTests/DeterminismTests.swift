import Testing

/// The scheduling core must be repeatable: its source is held to that, beside the tests that repeat it.
@Suite struct DeterminismTests {
    private let files = Repository.files(under: "Sources/Scheduling", "swift")

    @Test func theCoreReadsNoClockAndDrawsNoLots() throws {
        #expect(files.contains("Sources/Scheduling/Core/EngineCore.swift"))
        let clocks = /\b(Date|ContinuousClock|SuspendingClock|DispatchTime|clock_gettime)\b/.wordBoundaryKind(.simple)
        let lots = /\b(random|randomElement|SystemRandomNumberGenerator|shuffled?|hashValue|Hasher)\b/
            .wordBoundaryKind(.simple)
        for file in files {
            for line in try Repository.code(file) {
                let word = line.firstMatch(of: clocks)?.1 ?? line.firstMatch(of: lots)?.1
                #expect(word == nil, "\(file) mentions \(word ?? "")")
            }
        }
    }

    /// The order of a `Dictionary` or `Set` differs from process to process: they are for look-up.
    @Test func nothingIteratesOverAHashTable() throws {
        for file in files {
            #expect(try iterations(in: files.flatMap(Repository.code), of: hashTables(in: Repository.code(file))) == [])
        }
    }

    @Test func theCheckFindsWhatItLooksFor() {
        let code: [Substring] = [
            "var slotOf: [RequestID: Int] = [:]", "let seen: Set<Int> = []", "var marks = Set<Int>()",
            "let list: [Int] = []", "var pairs: [(index: Int, seen: Bool)] = []", "var table = [Int: String]()",
        ]
        #expect(hashTables(in: code) == ["slotOf", "seen", "marks", "table"])
        let names = hashTables(in: code)
        #expect(iterations(in: ["for (id, slot) in slotOf {"], of: names).count == 1)
        #expect(iterations(in: ["let all = self.seen.map { $0 }"], of: names).count == 1)
        #expect(iterations(in: ["for key in table.keys.sorted() {"], of: names).count == 1)
        #expect(iterations(in: ["slotOf[id] = slot", "if marks.contains(3) { marks.insert(4) }"], of: names) == [])
        #expect(iterations(in: ["for x in list { slotOf[x] = nil }", "slotOf.count == 3"], of: names) == [])
    }

    /// Names of constants and variables that are declared as a dictionary or a set.
    private func hashTables(in code: [Substring]) -> [Substring] {
        let declaration = /\b(?:var|let)\s+(\w+)\s*(?::\s*|=\s*)(?:\[[^\[\]:(]+:[^\[\]]+\]|Set\b|Dictionary\b)/
            .wordBoundaryKind(.simple)
        return code.compactMap { $0.firstMatch(of: declaration)?.1 }
    }

    /// Lines that look at the members of one of these in their own order.
    private func iterations(in code: [Substring], of names: [Substring]) -> [Substring] {
        let uses =
            #/
            \bin\s+(?:self\.)?(\w+)\s*(?:\{|where)
            | \b(\w+)\.(?:keys|values|map|compactMap|flatMap|filter|forEach|reduce|first|sorted|enumerated|makeIterator
            | min|max|randomElement|popFirst|removeFirst|joined|lazy)\b
            /#
            .wordBoundaryKind(.simple)
        return code.filter { line in
            line.matches(of: uses).contains { match in
                names.contains(match.1 ?? "") || names.contains(match.2 ?? "")
            }
        }
    }
}
