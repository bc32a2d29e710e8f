extension EfficiencyCurve {
    init(_ line: CatalogueLine) throws(SimulationError) {
        try line.require(["bandwidth", "arithmetic", "attention", "overlap", "tile", "launch_us"])
        let sides = (line.value("tile") ?? "").split(separator: "x", omittingEmptySubsequences: false)
            .map { Int($0) ?? 0 }
        guard sides.count == 2, sides.allSatisfy({ 1...4096 ~= $0 }) else {
            throw line.malformed(
                "field tile is '\(line.value("tile") ?? "")'; ROWSxCOLUMNS is needed, each in 1...4096")
        }
        self.init(
            name: line.name,
            bandwidthShare: try line.number("bandwidth", in: 0.001...1),
            arithmeticShare: try line.number("arithmetic", in: 0.001...1),
            attentionShare: try line.number("attention", in: 0.001...1),
            overlap: try line.number("overlap", in: 1...64), tileRows: sides[0], tileColumns: sides[1],
            launchSeconds: try line.number("launch_us", in: 0...1e6) * 1e-6, source: line.source)
    }
}

extension LinkKind {
    init(_ line: CatalogueLine) throws(SimulationError) {
        try line.require(["gb_s", "latency_us"], optional: ["share", "shared"])
        let share = line.value("share") == nil ? 1 : try line.number("share", in: 0.001...1)
        self.init(
            name: line.name, bytesPerSecond: try line.number("gb_s", in: 1e-6...1e6) * share * 1e9,
            latencySeconds: try line.number("latency_us", in: 0...1e9) * 1e-6,
            isShared: try line.flag("shared", default: false), source: line.source)
    }
}

extension Hardware {
    init(_ line: CatalogueLine, curves: [EfficiencyCurve], links: [LinkKind]) throws(SimulationError) {
        try line.require(["memory_mib", "gb_s", "tflops", "units", "curve", "link"])
        func entry<Entry>(
            _ key: String, _ entries: [Entry], _ name: KeyPath<Entry, String>
        ) throws(SimulationError) -> Entry {
            let wanted = line.value(key) ?? ""
            guard let found = entries.first(where: { $0[keyPath: name].lowercased() == wanted.lowercased() }) else {
                let names = entries.map { $0[keyPath: name] }.joined(separator: ", ")
                throw line.malformed("field \(key) is '\(wanted)'; the catalogue has \(names)")
            }
            return found
        }
        self.init(
            name: line.name, memoryBytes: try line.integer("memory_mib", in: 1...(1 << 30)) << 20,
            bytesPerSecond: try line.number("gb_s", in: 0.001...1e6) * 1e9,
            operationsPerSecond: try line.number("tflops", in: 1e-6...1e6) * 1e12,
            units: try line.integer("units", in: 1...65_536), curve: try entry("curve", curves, \.name),
            link: try entry("link", links, \.name), source: line.source)
    }
}

extension ModelShape {
    init(_ line: CatalogueLine) throws(SimulationError) {
        try line.require(
            ["layers", "hidden", "ffn", "heads", "kv_heads", "vocabulary", "context"],
            optional: ["head_size", "tied", "gated"])
        let sizes = 1...(1 << 30)
        let headSize = line.value("head_size") == nil ? nil : try line.integer("head_size", in: sizes)
        let (layers, hidden) = (try line.integer("layers", in: sizes), try line.integer("hidden", in: sizes))
        let (heads, cacheHeads) = (try line.integer("heads", in: sizes), try line.integer("kv_heads", in: sizes))
        let feedForward = try line.integer("ffn", in: sizes)
        let vocabulary = try line.integer("vocabulary", in: sizes)
        let contextLength = try line.integer("context", in: sizes)
        let (isTied, isGated) = (try line.flag("tied", default: false), try line.flag("gated", default: true))
        do {
            try self.init(
                name: line.name, layers: layers, hidden: hidden, feedForward: feedForward, isGated: isGated,
                heads: heads, cacheHeads: cacheHeads, headSize: headSize, vocabulary: vocabulary,
                tiesEmbedding: isTied, contextLength: contextLength, source: line.source)
        } catch {
            throw line.malformed(error.message)
        }
    }
}
