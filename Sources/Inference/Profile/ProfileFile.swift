import Platform

/// A file that holds a step profile.
public struct ProfileFile: Sendable, Hashable {
    public let path: String
    /// No profile is larger; a larger file is something else.
    private static let mostBytes = 16 << 20

    public init(path: String) { self.path = path }

    /// Where a profile lies that nobody gave a place: in the user's cache, by model, stages, threads and type of keys and
    /// values. nil where the environment names neither `XDG_CACHE_HOME` nor `HOME`.
    public static func standard(for model: TextModel, _ options: EngineOptions) -> ProfileFile? {
        func folder(_ name: String) -> String? {
            // A relative path would depend on where the program is started, and counts as unset.
            Environment.variable(name).flatMap { $0.hasPrefix("/") ? $0 : nil }
        }
        guard let cache = folder("XDG_CACHE_HOME") ?? folder("HOME").map({ $0 + "/.cache" }) else { return nil }
        let type = options.kvType == .f16 ? "" : "-\(options.kvType.rawValue)"
        let name = "profile-\(String(model.fingerprint, radix: 16))-\(options.stages)x\(options.threads)\(type).json"
        return ProfileFile(path: "\(cache)/tideway/\(name)")
    }

    public var exists: Bool { FileIdentity.exists(path) }

    /// - Throws: `InferenceError` for a file that cannot be read or is no profile; the message names the file.
    public func read() throws(InferenceError) -> StepProfile {
        let bytes = try SmallFile.read(path, most: Self.mostBytes) { InferenceError(.badProfile, $0) }
        do { return try StepProfile(parsing: bytes) } catch { throw InferenceError(.badProfile, "\(path): \(error)") }
    }

    /// Writes the profile beside its place and moves it there, so that no reader ever sees a part of it. Folders that
    /// are missing are made.
    public func write(_ profile: StepProfile) throws(InferenceError) {
        do { try SmallFile.replace(path, Array(profile.text.utf8)) } catch {
            throw InferenceError(.badProfile, error.message)
        }
    }
}
