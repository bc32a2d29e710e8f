import TestTools

/// A model, a file of requests and the settings that change tokens: everything but the way in which it is run.
struct Batch {
    let model: String
    let input: String
    let folder: TemporaryFolder
    var ignoresEOS = false

    init(model: String, input: String, folder: TemporaryFolder, ignoresEOS: Bool = false) {
        self.model = model
        self.input = input
        self.folder = folder
        self.ignoresEOS = ignoresEOS
    }

    /// Writes the requests into a folder of its own.
    init(_ requests: RequestFile, model: String = Settings.tiny(), ignoresEOS: Bool = false) throws {
        let folder = try TemporaryFolder()
        let input = try folder.write("in.jsonl", requests.bytes)
        self.init(model: model, input: input, folder: folder, ignoresEOS: ignoresEOS)
    }

    /// The arguments of a run that writes to `output` in the batch's folder.
    func arguments(output: String, _ plan: [String] = []) -> [String] {
        let fixed = ["run", "--model", model, "--input", input, "--output", folder.file(output), "--token-ids"]
        return fixed + (ignoresEOS ? ["--ignore-eos"] : []) + plan
    }

    /// Runs to the end and expects an exit status. The other one that is often wanted is 3.
    func run(_ output: String, _ plan: [String] = [], status: Int32 = 0) throws -> OutputFile {
        let result = try tideway(arguments(output: output, ["--quiet"] + plan))
        guard result.status == status, !result.isSignalled else {
            throw TestFailure("exit status \(result.status) and not \(status): \(result.errors)")
        }
        return try OutputFile(folder.file(output))
    }

    /// The same, with the figures of the run.
    func runWithFigures(_ output: String, _ plan: [String] = []) throws -> (answers: OutputFile, figures: Figures) {
        let stats = folder.file(output + ".stats")
        let result = try tideway(arguments(output: output, ["--quiet", "--stats", stats] + plan))
        guard result.status == 0, !result.isSignalled else {
            throw TestFailure("exit status \(result.status): \(result.errors)")
        }
        let figures = Figures(values: try JSONTree(parsing: bytes(of: stats)), seen: result)
        return (try OutputFile(folder.file(output)), figures)
    }
}

/// What `--stats` wrote, beside what was seen from outside.
struct Figures {
    let values: JSONTree
    let seen: CommandResult

    func number(_ key: String) throws -> Double {
        guard let number = values[key]?.number else { throw TestFailure("--stats has no number \(key)") }
        return number
    }

    func integer(_ key: String) throws -> Int {
        guard let number = values[key]?.integer else { throw TestFailure("--stats has no integer \(key)") }
        return number
    }
}

/// One way of running a batch. None of its settings may change a token.
struct RunPlan: CustomStringConvertible {
    var stages = 1
    var threads = 1
    var policy = "hybrid"
    var chunk = 512
    /// Bytes.
    var pool = 1 << 28

    var arguments: [String] {
        [
            "--stages", "\(stages)", "--threads", "\(threads)", "--policy", policy, "--prefill-chunk", "\(chunk)",
            "--kv-memory", "\(pool)",
        ]
    }
    var description: String { arguments.joined(separator: " ") }
}
