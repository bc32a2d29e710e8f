import Testing

/// The documentation catalogues of the libraries that a user imports.
@Suite struct CatalogueTests {
    static let modules = ["Inference", "Scheduling", "Simulation"]

    /// The file that runs the example of a module.
    private static func example(of module: String) -> String {
        module == "Inference"
            ? "Examples/ThreePrompts/main.swift" : "Tests/\(module)Tests/DocumentationExampleTests.swift"
    }

    /// A link between two backticks on either side leads to a public declaration of the module.
    @Test(arguments: modules)
    func symbolsExist(module: String) throws {
        let page = try Repository.text("Sources/\(module)/\(module).docc/\(module).md")
        var declared: Set<Substring> = [Substring(module)]
        for file in Repository.files(under: "Sources/" + module, "swift") {
            let pattern = /^public (?:final |indirect )?(?:struct|class|enum|protocol|typealias) (\w+)/
            declared.formUnion(try Repository.code(file).compactMap { $0.firstMatch(of: pattern)?.1 })
        }
        let named = page.matches(of: /``(\w+)``/).map(\.1)
        #expect(named.count > 10)
        for name in named { #expect(declared.contains(name), "\(module).docc names \(name)") }
    }

    /// The example is run by a test of the module or is an example program, line by line.
    @Test(arguments: modules)
    func examplesAreTested(module: String) throws {
        let snippets = try Documents(["Sources/\(module)/\(module).docc/\(module).md"]).snippets.filter(\.isCommand)
        let test = try Repository.text(Self.example(of: module))
        let lines = Set(test.split(separator: "\n").map { $0.drop { $0 == " " } })
        #expect(snippets.count > 5)
        for snippet in snippets where !snippet.text.hasPrefix("//") && !snippet.text.isEmpty {
            #expect(lines.contains(snippet.text.drop { $0 == " " }), "\(module).docc: \(snippet.text)")
        }
    }
}
