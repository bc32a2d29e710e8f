import ArgumentParser
import ChatTemplates
import Inference
import OpenAIProtocol
import Platform
import Tokenization

struct RenderCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "render",
        abstract: "Show the prompt that a chat becomes.",
        discussion: """
            The file holds an array of messages, or an object as in a chat request: messages, tools, and \
            add_generation_prompt, which is true unless given. The prompt is the one that tideway run makes, to the \
            byte. In colour, the template's own text is told apart from the messages' text, in which the texts of \
            special tokens mean nothing; characters that do not show are escaped.
            """)

    @Argument(help: ArgumentHelp("The model, a GGUF file.", valueName: "model")) var model: String
    @Argument(help: ArgumentHelp("The messages, a JSON file.", valueName: "messages")) var messages: String
    @Option(help: ArgumentHelp("A chat template to use in place of the model's own.", valueName: "file"))
    var template: String?
    @Flag(help: "Print the tokens, one a line, as tideway tokenize does.") var tokens = false
    @Flag(help: "Print the token ids alone, on one line.") var ids = false
    @Option(help: ArgumentHelp("Colour: auto (on a terminal), always or never.", valueName: "when"))
    var color = ColorChoice.auto

    mutating func validate() throws {
        guard !tokens || !ids else { throw ValidationError("--tokens and --ids must not both be given") }
    }

    mutating func run() throws {
        let model = try TextModel(path: model)
        let conversation = try Conversation(SmallFile.read(messages), path: messages)
        let segments = try conversation.rendered(by: chatTemplate(of: model), for: model)
        if tokens || ids {
            let tokenizer = model.tokenizer
            let encoded = try tokenizer.encode(segments: segments)
            let listing = TokenListing(tokens: encoded) { (tokenizer.bytes(of: $0), tokenizer.isSpecial($0)) }
            print(ids ? listing.ids + "\n" : listing.lines, terminator: "")
        } else if color.isOn {
            print(segments.map(Self.colored).joined())
        } else {
            print(segments.map(\.text).joined(), terminator: "")
        }
    }

    private func chatTemplate(of model: TextModel) throws -> ChatTemplate {
        if let template {
            guard let source = String(validating: try SmallFile.read(template), as: UTF8.self) else {
                throw RenderError(description: "\(template): a chat template must be UTF-8")
            }
            do {
                return try ChatTemplate(source: source)
            } catch {
                throw RenderError(description: "\(template): \(error)")
            }
        }
        guard let own = try model.chatTemplate?.get() else {
            throw RenderError(description: "\(self.model) has no chat template; give one with --template")
        }
        return own
    }

    /// A segment, with the template's text in cyan and without characters that a terminal treats as commands.
    private static func colored(_ segment: TextSegment) -> String {
        var text = ""
        for scalar in segment.text.unicodeScalars {
            let isShown = scalar == "\n" || scalar == "\t" || !TokenListing.showsNothing(scalar)
            text += isShown ? String(Character(scalar)) : TokenListing.escaped(scalar)
        }
        return segment.isUserText ? text : "\u{1B}[36m\(text)\u{1B}[0m"
    }
}

/// When to write in colour.
enum ColorChoice: String, ExpressibleByArgument {
    case auto, always, never

    /// Whether standard output gets colour: with `auto` if it is a terminal and NO_COLOR is not set.
    var isOn: Bool {
        switch self {
        case .always: true
        case .never: false
        case .auto: StandardStream.output.isTerminal && Environment.variable("NO_COLOR") == nil
        }
    }
}

/// The contents of a file of messages.
private struct Conversation {
    private let messages: [ChatMessage]
    private let tools: JSONValue?
    private let addsGenerationPrompt: Bool

    /// Reads an array of messages, or an object that holds one and fields of a chat request.
    init(_ bytes: [UInt8], path: String) throws {
        do {
            var value = try JSONParser.parse(bytes)
            if value.elements != nil { value = .object([JSONMember("messages", value)]) }
            let wish = value["add_generation_prompt"] ?? .bool(true)
            guard case .bool(let adds) = wish else {
                throw RenderError(description: "add_generation_prompt must be true or false")
            }
            addsGenerationPrompt = adds
            let request = JSONValue.object((value.members ?? []).filter { $0.key != "add_generation_prompt" })
            guard value.members != nil else { throw RenderError(description: "an array or an object is needed") }
            switch RequestLine.parse(Array(request.encoded()), lineNumber: 1) {
            case .invalid(let refused): throw refused.error
            case .request(let request):
                guard case .messages(let messages, let tools) = request.prompt else {
                    throw RenderError(description: "messages are needed, not a prompt")
                }
                self.messages = messages
                self.tools = tools
            }
        } catch {
            throw RenderError(description: "\(path): \(error)")
        }
    }

    /// The prompt, built as in a run.
    func rendered(by template: ChatTemplate, for model: TextModel) throws -> [TextSegment] {
        try ChatPrompt(model: model).segments(
            messages, tools: tools, template: template, addsGenerationPrompt: addsGenerationPrompt)
    }
}

/// Why a chat cannot be shown.
private struct RenderError: Error, CustomStringConvertible {
    let description: String
}
