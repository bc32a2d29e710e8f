import ArgumentParser
import CPUDevice
import LengthPrediction
import Platform
import Scheduling

struct EmbedCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "embed",
        abstract: "Write the embeddings of texts.",
        discussion: """
            One JSON object a text: {"index": 0, "tokens": 12, "embedding": [...]}, a vector of unit length, so that \
            the similarity of two texts is the sum of the products of their vectors. The texts are the arguments, or the \
            lines of --input; without either, the lines of standard input. An empty line is an empty text.

            The encoder is a folder with config.json, tokenizer.json and model.safetensors, such as all-MiniLM-L6-v2 \
            (python3 Scripts/fetch_model.py .cache all-MiniLM-L6-v2).
            """)

    @Option(help: ArgumentHelp("The encoder's folder.", valueName: "folder")) var encoder: String
    @Argument(help: ArgumentHelp("Texts; put -- before one that begins with a dash.", valueName: "text"))
    var texts: [String] = []
    @Option(help: ArgumentHelp("Texts, one a line; - is standard input.", valueName: "file")) var input: String?
    @Option(help: ArgumentHelp("Where the embeddings go (default: standard output).", valueName: "file"))
    var output: String?
    @Option(help: ArgumentHelp("Tokens of a text that count, from its beginning; at least 3.", valueName: "n"))
    var window = 256
    @Option(
        help: ArgumentHelp(
            "Precision of matrix products: f32, or int8, twice as fast and within a cosine of 0.998.", valueName: "kind"
        ))
    var activations = Precision.f32
    @Option(help: ArgumentHelp("Threads.", valueName: "n")) var threads = 1

    /// The number of texts that are embedded before their lines are written.
    private static let textsAtATime = 256

    mutating func validate() throws {
        try Usage.check("threads", threads, in: 1...65_536)
        guard texts.isEmpty || input == nil else {
            throw ValidationError("texts are given as arguments and by --input; give one of them")
        }
        if let input, let output, FilePlace.isSame(output, input) {
            throw ValidationError("--output and --input are the same file, \(output)")
        }
    }

    mutating func run() throws {
        let model = try EmbeddingModel(folder: encoder, precision: activations, threads: threads)
        let texts = try allTexts()
        let sink = try LineSink(path: output)
        for start in stride(from: 0, to: texts.count, by: Self.textsAtATime) {
            let part = try texts[start..<min(start + Self.textsAtATime, texts.count)].map {
                try model.tokens($0, window: window)
            }
            let vectors = try model.embed(tokens: part)
            for (index, vector) in vectors.enumerated() {
                try sink.write(line(index: start + index, tokens: part[index].count, vector))
            }
        }
        try sink.close()
    }

    private func allTexts() throws -> [String] {
        guard texts.isEmpty else { return texts }
        let path = input ?? "-"
        let bytes = try SmallFile.read(path == "-" ? "/dev/stdin" : path)
        return try TextLines.split(bytes, named: path == "-" ? "standard input" : path)
    }

    private func line(index: Int, tokens: Int, _ vector: [Float]) -> String {
        let numbers = vector.map { "\($0)" }.joined(separator: ",")
        return #"{"index":\#(index),"tokens":\#(tokens),"embedding":[\#(numbers)]}"#
    }
}

/// The lines of a text file.
enum TextLines {
    /// The text between line ends, `\n` or `\r\n`; a line end at the end of the file begins no further line.
    static func split(_ bytes: [UInt8], named name: String) throws -> [String] {
        var lines = bytes.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false)
        if lines.last?.isEmpty ?? false { lines.removeLast() }
        return try lines.enumerated().map { index, line in
            let isEnded = line.last == UInt8(ascii: "\r")
            guard let text = String(validating: isEnded ? line.dropLast() : line, as: UTF8.self) else {
                throw PredictionError(.badPrompts, "\(name): line \(index + 1) is not valid UTF-8")
            }
            return text
        }
    }
}

/// Standard output, or a file that is written line by line.
private final class LineSink {
    private let file: AppendedFile?

    /// - Parameter path: nil for standard output.
    init(path: String?) throws { file = try path.map { try AppendedFile(path: $0, from: 0) } }

    func write(_ line: String) throws {
        guard let file else { return Console.out(line) }
        try file.append((line + "\n").utf8)
    }

    /// Writes what is still buffered; throws if it cannot be written.
    func close() throws { try file?.flush() }
}
