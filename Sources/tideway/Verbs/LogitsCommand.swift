import ArgumentParser
import CPUDevice
import ModelFiles
import OpenAIProtocol
import Platform

struct LogitsCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "logits",
        abstract: "Write the logits of every position of given tokens.",
        discussion: """
            For comparison with other implementations: see Scripts/oracle. The tokens are a JSON list of lists of \
            token ids, each a text of its own; the logits are f32, little-endian, [positions, vocabulary].
            """)

    @Option(help: ArgumentHelp("The model, a GGUF file.", valueName: "file")) var model: String
    @Option(help: ArgumentHelp("Token ids: [[1, 2], [3]].", valueName: "file")) var tokens: String
    @Option(help: ArgumentHelp("Where the logits go.", valueName: "file")) var output: String
    @OptionGroup var precision: PrecisionOptions
    @Option(help: ArgumentHelp("Tokens that go through the layers at a time.", valueName: "n")) var chunk = 512
    @Option(help: ArgumentHelp("Threads.", valueName: "n")) var threads = 1
    @Flag(help: "Use the portable kernels, whatever the processor.") var portable = false

    mutating func validate() throws {
        try Usage.check("chunk", chunk, in: 1...65_536)
        try Usage.check("threads", threads, in: 1...65_536)
    }

    mutating func run() throws {
        let texts = try Self.read(tokens)
        let evaluator = try LogitsEvaluator(
            CheckpointFormat.open(path: model), precision: precision.activations, kvType: precision.kvType,
            portableKernels: portable, longest: texts.map(\.count).max() ?? 1, threads: threads)
        for (option, path) in [("model", model), ("tokens", tokens)] where FilePlace.isSame(output, path) {
            throw ValidationError("--output and --\(option) are the same file, \(output)")
        }
        let file = try AppendedFile(path: output, from: 0)
        for text in texts {
            try evaluator.evaluate(text, chunk: chunk) { try file.append(UnsafeRawBufferPointer($0)) }
        }
        try file.flush()
    }

    private static func read(_ path: String) throws -> [[Int32]] {
        let lists = try JSONParser.parse(SmallFile.read(path)).elements ?? []
        let texts = try lists.map { list in
            try (list.elements ?? []).map { element in
                guard let id = element.integer.flatMap({ Int32(exactly: $0) }) else {
                    throw ValidationError("\(path): a token id must be an integer")
                }
                return id
            }
        }
        guard !texts.isEmpty, texts.allSatisfy({ !$0.isEmpty }) else {
            throw ValidationError("\(path): a list of lists of token ids is needed, none of them empty")
        }
        return texts
    }
}
