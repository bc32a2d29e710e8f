/// The verbs and flags that the sources of the command line declare.
struct CommandLineSources {
    /// By verb, the flags without their dashes.
    private(set) var flags: [String: Set<String>] = [:]

    init() throws {
        for file in Repository.files(under: "Sources/tideway/Verbs", "swift") {
            let text = try Repository.text(file)
            guard let verb = text.firstMatch(of: /commandName:\s*"([\w-]+)"/)?.1 else { continue }
            let own = Self.flags(in: text).union(["help", "version"]).union(try Self.flagsOfGroups(in: text))
            // The subcommands of a verb may have a folder of their own, which is named after it.
            let folder = file.split(separator: "/").dropLast().last?.lowercased()
            for name in Set([String(verb), folder ?? ""]).subtracting(["", "verbs"]) {
                flags[name, default: []].formUnion(own)
            }
        }
    }

    /// Flags that the property wrappers in a source file declare: by the property's name, or by a name of their own.
    static func flags(in text: String) -> Set<String> {
        var found: Set<String> = []
        let properties = text.split(separator: "@").filter {
            ($0.hasPrefix("Option") && !$0.hasPrefix("OptionGroup")) || $0.hasPrefix("Flag")
        }
        for property in properties {
            let custom = property.prefix { $0 != "\n" }.matches(of: /customLong\("([\w-]+)"/)
            found.formUnion(custom.map { String($0.1) })
            if custom.isEmpty, let name = property.firstMatch(of: /\bvar\s+(\w+)/)?.1 { found.insert(dashed(name)) }
        }
        return found
    }

    /// Flags of the groups of options that a source text names, and of the groups in those.
    private static func flagsOfGroups(in text: String) throws -> Set<String> {
        try text.matches(of: /@OptionGroup\s+var\s+\w+:\s*(\w+)/).reduce(into: []) { found, match in
            let group = try declaration(ofGroup: match.1)
            found.formUnion(flags(in: group).union(try flagsOfGroups(in: group)))
        }
    }

    /// The source text of a group of options; empty where there is none of that name.
    private static func declaration(ofGroup name: Substring) throws -> String {
        for file in Repository.files(under: "Sources/tideway", "swift") {
            let text = try Repository.text(file)
            guard let start = text.firstRange(of: "struct \(name): ParsableArguments") else { continue }
            return String(text[start.upperBound...].split(separator: "\n}\n", maxSplits: 1)[0])
        }
        return ""
    }

    /// `kvMemory` as `kv-memory`.
    static func dashed(_ name: Substring) -> String {
        name.reduce(into: "") { $0 += $1.isUppercase ? "-" + $1.lowercased() : String($1) }
    }
}
