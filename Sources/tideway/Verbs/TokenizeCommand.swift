import ArgumentParser
import Inference
import Platform

struct TokenizeCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "tokenize",
        abstract: "Show the tokens of a text.",
        discussion: """
            One token a line: its id, a tab, its bytes. Without TEXT, standard input is read to its end, with its last \
            newline. The text is taken as the prompt of a completion is: the model's begin and end tokens go around it \
            if it asks for them, and a special token's text is plain text unless --special is given.
            """)

    @Argument(help: ArgumentHelp("The model, a GGUF file, or a tokenizer.json.", valueName: "model")) var model: String
    @Argument(help: ArgumentHelp("The text; put -- before one that begins with a dash.", valueName: "text"))
    var text: String?
    @Flag(help: "Print the ids alone, on one line.") var ids = false
    @Flag(help: "Let the texts of special tokens in TEXT mean those tokens.") var special = false

    mutating func run() throws {
        let tokenizer = try TextModel.tokenizer(path: model)
        let bytes = try text.map { Array($0.utf8) } ?? SmallFile.read("/dev/stdin")
        let tokens = try tokenizer.encode(
            utf8: bytes, special: special ? .parse : .asText, addingSequenceTokens: true)
        let listing = TokenListing(tokens: tokens) { (tokenizer.bytes(of: $0), tokenizer.isSpecial($0)) }
        if ids {
            Console.out(listing.ids)
        } else {
            print(listing.lines, terminator: "")
        }
    }
}

/// Tokens as people read them.
struct TokenListing {
    let tokens: [Int32]
    /// A token's bytes, and whether it is special.
    let facts: (Int32) -> (bytes: [UInt8], isSpecial: Bool)

    /// The ids on one line.
    var ids: String { tokens.map(String.init).joined(separator: " ") }

    /// One token per line: id, bytes, and the word `special` for special tokens, with tabs between.
    var lines: String {
        tokens.map { token in
            let (bytes, isSpecial) = facts(token)
            return "\(token)\t\(Self.escaped(bytes))\(isSpecial ? "\tspecial" : "")\n"
        }.joined()
    }

    /// Bytes as text on one line: `\n`, `\t`, `\r` and `\\` for those characters, `\u{...}` for other invisible
    /// characters, `\xNN` for bytes that are not UTF-8.
    static func escaped(_ bytes: [UInt8]) -> String {
        var text = ""
        var rest = bytes[...]
        while let first = rest.first {
            let length = first < 0x80 ? 1 : first < 0xE0 ? 2 : first < 0xF0 ? 3 : 4
            if let character = String(validating: rest.prefix(length), as: UTF8.self) {
                for scalar in character.unicodeScalars { text += escaped(scalar) }
                rest = rest.dropFirst(length)
            } else {
                text += "\\x" + (first < 16 ? "0" : "") + String(first, radix: 16, uppercase: true)
                rest.removeFirst()
            }
        }
        return text
    }

    /// A character, or its escape if it is invisible.
    static func escaped(_ scalar: Unicode.Scalar) -> String {
        switch scalar {
        case "\n": return "\\n"
        case "\t": return "\\t"
        case "\r": return "\\r"
        case "\\": return "\\\\"
        default:
            guard showsNothing(scalar) else { return String(Character(scalar)) }
            return "\\u{" + String(scalar.value, radix: 16, uppercase: true) + "}"
        }
    }

    /// Whether a terminal shows nothing for the character, or treats it as a command.
    static func showsNothing(_ scalar: Unicode.Scalar) -> Bool {
        switch scalar.properties.generalCategory {
        case .control, .format, .lineSeparator, .paragraphSeparator, .privateUse, .unassigned, .surrogate: true
        default: false
        }
    }
}
