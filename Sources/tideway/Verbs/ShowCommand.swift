import ArgumentParser
import BatchInference
import OpenAIProtocol
import Platform

struct ShowCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "show",
        abstract: "Print answers of an output file in readable form.",
        discussion: "With --input each answer stands below its prompt.")

    @Argument(help: ArgumentHelp("An output file of tideway run.", valueName: "output")) var output: String
    @Option(help: ArgumentHelp("The requests that the answers belong to.", valueName: "file")) var input: String?
    @Option(help: ArgumentHelp("How many answers, spread over the file.", valueName: "n")) var count = 3
    @Option(help: ArgumentHelp("Only the answer of this request.", valueName: "custom_id")) var id: String?

    mutating func validate() throws { try Usage.check("count", count, in: 1...1_000_000) }

    mutating func run() throws {
        let lines = try SmallFile.read(output).split(separator: UInt8(ascii: "\n"))
        var answers = try lines.enumerated().map { number, line in
            try ReadableAnswer(line: Array(line), path: output, number: number + 1)
        }
        if let id {
            answers = answers.filter { $0.customID == id }
            guard !answers.isEmpty else { throw ValidationError("\(output) has no answer with custom_id '\(id)'") }
        }
        let requests = try input.map { try InputFile(path: $0) }
        let shown = min(count, answers.count)
        for index in 0..<shown {
            let answer = answers[index * answers.count / shown]
            Console.out(try answer.text(prompt: requests.flatMap { try Self.prompt(answer.customID, $0) }))
        }
    }

    private static func prompt(_ customID: String, _ input: InputFile) throws -> String? {
        guard let index = input.index(of: customID), case .request(let request) = try input.line(at: index) else {
            return nil
        }
        switch request.prompt {
        case .messages(let messages, _): return messages.last?.content
        case .text(let text): return text
        case .tokens(let tokens): return "\(tokens.count) tokens"
        }
    }
}

/// One line of an output file, for people.
private struct ReadableAnswer {
    let customID: String
    private let body: String

    init(line: [UInt8], path: String, number: Int) throws {
        let entry = try JSONParser.parse(line)
        guard let id = entry["custom_id"]?.string else {
            throw ValidationError("\(path), line \(number): not a line of an output file")
        }
        customID = id
        if let message = entry["error"]?["message"]?.string {
            body = "failed: " + message
        } else {
            let choices = entry["response"]?["body"]?["choices"]?.elements ?? []
            body = choices.map { $0["message"]?["content"]?.string ?? $0["text"]?.string ?? "" }.joined(
                separator: "\n~\n")
        }
    }

    func text(prompt: String?) -> String {
        var parts = ["── " + Self.printable(customID[...])]
        if let prompt { parts.append(Self.quote(prompt, mark: "› ", limit: 360)) }
        parts.append(Self.quote(body.isEmpty ? "(an empty answer)" : body, mark: "  ", limit: 1200))
        return parts.joined(separator: "\n") + "\n"
    }

    /// Puts `mark` before each line, and cuts long texts.
    private static func quote(_ text: String, mark: String, limit: Int) -> String {
        let kept = text.count > limit ? text.prefix(limit) + " …" : text[...]
        return kept.split(whereSeparator: \.isNewline).map { mark + printable($0) }.joined(separator: "\n")
    }

    /// The text without control characters, so that an answer cannot control the terminal.
    private static func printable(_ text: Substring) -> String {
        String(
            String.UnicodeScalarView(
                text.unicodeScalars.filter { scalar in
                    scalar == "\t" || scalar.value >= 32 && !(127...159).contains(scalar.value)
                }))
    }
}
