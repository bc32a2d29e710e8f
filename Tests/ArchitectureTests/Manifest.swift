/// The targets that Package.swift declares.
struct Manifest {
    struct Target: Equatable {
        let name: String
        let dependencies: Set<String>
    }
    /// What is in Sources.
    private(set) var targets: [Target] = []
    private(set) var tests: [Target] = []
    /// Targets under Tests that only tests use.
    private(set) var support: [Target] = []
    /// Programs under Examples.
    private(set) var examples: [Target] = []

    init() throws {
        let text = try Repository.code("Package.swift").joined(separator: "\n")
        // Dependencies on other packages have names of their own at the top of the manifest.
        var products: [Substring: Substring] = [:]
        for match in text.matches(of: /let (\w+) = Target\.Dependency\.product\(name: "(\w+)"/) {
            products[match.1] = match.2
        }
        let declaration = /\.(target|executableTarget|testTarget)\(\s*name: "(\w+)"(?:,\s*dependencies: \[([^\]]*)\])?/
        let matches = text.matches(of: declaration)
        for (index, match) in matches.enumerated() {
            var dependencies: Set<String> = []
            for word in (match.3 ?? "").matches(of: /"(\w+)"|(\w+)/) {
                if let name = word.1 {
                    dependencies.insert(String(name))
                } else if let alias = word.2 {
                    dependencies.insert(String(products[alias] ?? alias))
                }
            }
            let target = Target(name: String(match.2), dependencies: dependencies)
            let end = index + 1 < matches.count ? matches[index + 1].range.lowerBound : text.endIndex
            let declared = text[match.range.lowerBound..<end]
            if match.1 == "testTarget" {
                tests.append(target)
            } else if declared.contains("path: \"Tests/") {
                support.append(target)
            } else if declared.contains("path: \"Examples/") {
                examples.append(target)
            } else {
                targets.append(target)
            }
        }
    }
}
