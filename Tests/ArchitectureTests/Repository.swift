import Foundation

/// The checkout that this test was built from, as text.
enum Repository {
    static let root: URL = {
        // Tests/ArchitectureTests/Repository.swift, three levels down.
        var url = URL(fileURLWithPath: #filePath).resolvingSymlinksInPath()
        for _ in 0..<3 { url.deleteLastPathComponent() }
        return url
    }()

    static func exists(_ path: String) -> Bool {
        FileManager.default.fileExists(atPath: root.appendingPathComponent(path).path)
    }

    static func text(_ path: String) throws -> String {
        try String(contentsOf: root.appendingPathComponent(path), encoding: .utf8)
    }

    /// Paths of the files under a folder with one of these endings, sorted; none if the folder does not exist.
    static func files(under folder: String, _ endings: String...) -> [String] {
        let names = FileManager.default.enumerator(atPath: root.appendingPathComponent(folder).path)
        return (names?.compactMap { $0 as? String } ?? [])
            .filter { name in
                !name.contains(".build/") && endings.contains { name.hasSuffix("." + $0) }
            }
            .map { folder + "/" + $0 }
            .sorted()
    }

    /// Names of the folders directly under a folder, sorted.
    static func folders(under folder: String) throws -> [String] {
        try FileManager.default.contentsOfDirectory(atPath: root.appendingPathComponent(folder).path)
            .filter { name in
                var isFolder: ObjCBool = false
                let path = root.appendingPathComponent(folder + "/" + name).path
                return FileManager.default.fileExists(atPath: path, isDirectory: &isFolder) && isFolder.boolValue
            }
            .sorted()
    }

    /// A file's lines of Swift or C without what follows `//`.
    static func code(_ path: String) throws -> [Substring] {
        try text(path).split(separator: "\n").map { line in
            line.firstRange(of: "//").map { line[..<$0.lowerBound] } ?? line
        }
    }
}
