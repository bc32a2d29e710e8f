import Testing

/// The documents stay true: what they name exists.
@Suite struct DocumentTests {
    private let files = ["README.md", "CONTRIBUTING.md"] + Repository.files(under: "docs", "md")

    @Test func theTargetTableIsTheManifest() throws {
        let rows = try targetTable()
        #expect(rows.map { $0[0] } == Arrows.all.map(\.target))
        for (row, arrows) in zip(rows, Arrows.all) {
            // A row may name what it imports, or say it in words.
            let named = row[2].matches(of: /`(\w+)`/).map { String($0.1) }
            let isListed = !named.isEmpty && !row[2].contains("all above")
            let ours = arrows.dependencies.intersection(Arrows.all.map(\.target))
            if isListed { #expect(Set(named) == ours, "\(arrows.target)") }
            if row[2].hasPrefix("nothing") { #expect(arrows.dependencies.isEmpty, "\(arrows.target)") }
            for path in row[1].matches(of: /`([\w\/.+-]+(?:\/|\.\w+))`/).map(\.1) {
                let exists = Repository.exists("Sources/\(arrows.target)/\(path)") || Repository.exists(String(path))
                #expect(exists, "\(arrows.target) has no \(path)")
            }
        }
    }

    @Test func filesThatAreNamedExist() throws {
        let folders = ["Sources/", "Tests/", "Scripts/", "Fuzzing/", "Examples/", "docs/", ".ci/"]
        for snippet in try Documents(files).snippets {
            for word in snippet.text.split(separator: " ") where folders.contains(where: { word.hasPrefix($0) }) {
                #expect(Repository.exists(String(word)), "\(snippet.file) names \(word)")
            }
        }
        for file in files {
            let folder = file.split(separator: "/").dropLast().map { $0 + "/" }.joined()
            for link in try Repository.text(file).matches(of: /\]\(([^)#]+)[^)]*\)/) where !link.1.contains("://") {
                #expect(Repository.exists(folder + link.1), "\(file) links to \(link.1)")
            }
        }
    }

    @Test func typesThatTheArchitectureNamesExist() throws {
        var words: Set<Substring> = []
        for file in Repository.files(under: "Sources", "swift") + ["Package.swift"] {
            for line in try Repository.code(file) { words.formUnion(line.split { !$0.isLetter && !$0.isNumber }) }
        }
        for snippet in try Documents(["docs/ARCHITECTURE.md"]).snippets where !snippet.isCommand {
            guard let name = snippet.text.wholeMatch(of: /([A-Z]\w+)(?:\.\w+)?/)?.1 else { continue }
            #expect(words.contains(name) || Repository.exists("Tests/\(name)"), "there is no \(name)")
        }
    }

    @Test func makeTargetsExist() throws {
        let makefile = try Repository.text("Makefile")
        let targets = Set(makefile.matches(of: /(?m)^([a-z][\w-]*):/).map(\.1))
        let variables = Set(makefile.matches(of: /(?m)^([A-Z_]+)\s*\??:?=/).map(\.1))
        #expect(targets.isSuperset(of: ["run", "test"]))
        var named = 0
        for snippet in try Documents(files).snippets {
            for command in snippet.commands where command.first == "make" {
                for word in command.dropFirst() {
                    let variable = word.split(separator: "=", maxSplits: 1)
                    let isKnown = variable.count == 2 ? variables.contains(variable[0]) : targets.contains(word)
                    #expect(isKnown, "\(snippet.file): make \(word)")
                    named += 1
                }
            }
        }
        #expect(named > 0)
    }

    @Test func verbsAndFlagsExist() throws {
        let verbs = try CommandLineSources().flags
        #expect(verbs["run"]?.isSuperset(of: ["model", "input", "output", "kv-memory", "ignore-eos"]) == true)
        let documents = try Documents(files).snippets
        // Flags of other tools stand in commands of theirs, or in the Makefile.
        let makefile = try Repository.text("Makefile")
        let foreign = documents.filter(\.isCommand).map(\.text).joined(separator: "\n") + makefile
        let known = verbs.reduce(into: Set<String>()) { $0.formUnion($1.value) }
        for snippet in documents {
            for command in snippet.commands {
                if command.count > 1, command[0].split(separator: "/").last == "tideway" {
                    check(command, of: snippet, against: verbs)
                } else if let flag = command.first, flag.hasPrefix("--"), !snippet.isCommand {
                    let name = String(flag.dropFirst(2).prefix { $0 != "=" })
                    #expect(known.contains(name) || foreign.contains(flag), "\(snippet.file): \(flag)")
                }
            }
        }
        let recipe = makefile.replacing("\\\n", with: " ").replacing("$(TIDEWAY) ", with: "tideway ")
        for line in recipe.split(separator: "\n") where line.hasPrefix("\ttideway ") {
            let snippet = Documents.Snippet(file: "Makefile", text: String(line.dropFirst()), isCommand: true)
            for command in snippet.commands { check(command, of: snippet, against: verbs) }
        }
    }

    @Test func theSwiftProgramOfTheReadmeIsTheExample() throws {
        let program = try Repository.text("Examples/ThreePrompts/main.swift")
        let blocks = try Repository.text("README.md").matches(of: /(?s)```swift\n(.*?)```/).map { String($0.1) }
        #expect(blocks == [program])
        #expect(program.split(separator: "\n").count <= 15)
    }

    @Test func theReadersOfDocumentsRead() {
        let text = "Say `make run` or:\n```\nA=1 tideway run --x 1 \\\n  --y && make b # not this\n```\n`--z`"
        let snippets = Documents.snippets(of: text, file: "F")
        #expect(snippets.map(\.isCommand) == [false, true, false])
        #expect(snippets[1].commands == [["tideway", "run", "--x", "1", "--y"], ["make", "b"]])
        let source = """
            @Option(help: "The pool.") var kvMemory = 1
            @Flag(name: .customLong("no-eos"), help: "x") var eos = false
            @Argument var path: String
            @Option(help: "Wide.")
            var wide: Int?
            """
        #expect(CommandLineSources.flags(in: source) == ["kv-memory", "no-eos", "wide"])
    }

    private func check(_ command: [Substring], of snippet: Documents.Snippet, against verbs: [String: Set<String>]) {
        guard command.count > 1, let flags = verbs[String(command[1])] else {
            #expect(command.last?.hasPrefix("--") == true, "\(snippet.file): \(command.joined(separator: " "))")
            return
        }
        for word in command where word.hasPrefix("--") {
            let name = String(word.dropFirst(2).prefix { $0 != "=" })
            #expect(flags.contains(name), "\(snippet.file): tideway \(command[1]) \(word)")
        }
    }

    /// The cells of the rows under the heading `| target | owns | imports |`, the first without backticks.
    private func targetTable() throws -> [[String]] {
        let lines = try Repository.text("docs/ARCHITECTURE.md").split(separator: "\n", omittingEmptySubsequences: false)
        let heading = try #require(lines.firstIndex { $0.hasPrefix("| target |") })
        return lines[(heading + 2)...].prefix { $0.hasPrefix("|") }.map { line in
            var cells = line.split(separator: "|").map { String($0.trimming(" ")) }
            cells[0] = cells[0].firstMatch(of: /`(\w+)`/).map { String($0.1) } ?? cells[0]
            return cells
        }
    }
}

extension Substring {
    fileprivate func trimming(_ character: Character) -> Substring {
        var rest = drop { $0 == character }
        while rest.last == character { rest.removeLast() }
        return rest
    }
}
