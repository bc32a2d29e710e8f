import Testing

@Suite struct ImportTests {
    @Test func theManifestHasTheArrowsOfTheTable() throws {
        let manifest = try Manifest()
        #expect(manifest.targets.map(\.name).sorted() == Arrows.all.map(\.target).sorted())
        for arrows in Arrows.all {
            let target = manifest.targets.first { $0.name == arrows.target }
            #expect(target?.dependencies == arrows.dependencies, "\(arrows.target)")
        }
    }

    @Test func arrowsPointUpwards() {
        var above: Set<String> = ["DequeModule", "ArgumentParser"]
        for arrows in Arrows.all {
            #expect(arrows.dependencies.isSubset(of: above), "\(arrows.target)")
            above.insert(arrows.target)
        }
    }

    @Test(arguments: Arrows.all.map(\.target))
    func everyImportIsAllowedAndEveryArrowIsUsed(target: String) throws {
        let arrows = try #require(Arrows.all.first { $0.target == target })
        let files = Repository.files(under: "Sources/" + target, "swift")
        var imported: Set<String> = []
        for file in files {
            for module in try imports(of: file) {
                let isAllowed = arrows.dependencies.union(arrows.system).contains(module)
                #expect(isAllowed, "\(file) imports \(module)")
                imported.insert(module)
            }
        }
        #expect(arrows.dependencies.subtracting(imported).isEmpty, "\(target) imports less than Package.swift says")
    }

    /// C targets are islands: what they include is the C library's or their own.
    @Test(arguments: ["CKernels", "CPlatform"])
    func headersStayWithinTheirTarget(target: String) throws {
        let files = Repository.files(under: "Sources/" + target, "c", "h")
        #expect(!files.isEmpty)
        let own = Set(files.compactMap { $0.split(separator: "/").last })
        for file in files {
            for line in try Repository.text(file).split(separator: "\n") {
                guard let match = line.firstMatch(of: /^\s*#\s*include\s*"([^"]+)"/) else { continue }
                #expect(own.contains(match.1.split(separator: "/").last ?? ""), "\(file) includes \(match.1)")
            }
        }
    }

    @Test func everyFolderIsATarget() throws {
        let manifest = try Manifest()
        #expect(try Repository.folders(under: "Sources") == manifest.targets.map(\.name).sorted())
        #expect(try Repository.folders(under: "Examples") == manifest.examples.map(\.name).sorted())
        // What tests have in common has a folder of its own, or one among the tests of the target that it belongs to.
        let shared = manifest.support.map(\.name).filter { Repository.exists("Tests/\($0)") }
        #expect(try Repository.folders(under: "Tests") == (manifest.tests.map(\.name) + shared).sorted())
    }

    private func imports(of file: String) throws -> [String] {
        let pattern = /^\s*(?:@\w+(?:\(\w+\))?\s+)*(?:(?:public|package|internal|private)\s+)?import\s+(.+)$/
        return try Repository.code(file).compactMap { line in
            guard let match = line.firstMatch(of: pattern) else { return nil }
            // `import struct Module.Name` imports the module too.
            let words = match.1.split(separator: " ")
            let kinds: Set<Substring> = ["struct", "class", "enum", "protocol", "func", "var", "let", "typealias"]
            return words.first { !kinds.contains($0) }?.split(separator: ".").first.map(String.init)
        }
    }
}
