/// One step of cutting text: each match becomes a piece, and so does the text between two matches.
///
/// Each rule is a linear scanner that cuts like the regular expression of the model's reference.
enum SplitRule: Sendable, Equatable {
    /// GPT-2's words.
    case gpt2Words
    /// Llama 3's words: see `Llama3Rule`.
    case llama3Words(longestNumber: Int, marksInWords: Bool)
    /// Every numeric character alone.
    case digits
    /// Runs of at most `longest` numeric characters.
    case numbers(longest: Int)
    /// `[0-9][0-9][0-9]`.
    case threeDigits
    /// Runs of punctuation: Unicode's, and all ASCII symbols.
    case punctuation
    /// Every line break alone.
    case lineBreaks
    /// `\s?\p{L}+`
    case letters
    /// `\s?\p{P}+`
    case punctuationMarks
    /// `\s?` and letters of DeepSeek LLM's list.
    case deepSeekLetters
    /// `\s?` and punctuation of DeepSeek LLM's list.
    case deepSeekPunctuation
    /// `\s+$`
    case trailingSpace
    /// `[\u0800-\u9FA5\uAC00-\uD7FF]+`
    case deepSeekIdeographs
    /// `[\u4E00-\u9FA5\u3040-\u309F\u30A0-\u30FF]+`
    case ideographsAndKana
    /// DeepSeek V3's words.
    case deepSeekV3Words
    /// Runs of anything but white space; the white space itself is dropped.
    case words

    /// Whether the text between matches is dropped.
    var dropsRest: Bool { self == .words }

    /// The first match at or after `start`; `end` is the end of the piece that is cut.
    func nextMatch(_ scanner: TextScanner, from start: Int, to end: Int) -> Range<Int>? {
        guard start < end else { return nil }
        switch self {
        case .gpt2Words: return start..<GPT2Rule.endOfWord(scanner, from: start, to: end)
        case .llama3Words(let longest, let marks):
            let rule = Llama3Rule(longestNumber: longest, marksInWords: marks)
            return start..<rule.endOfWord(scanner, from: start, to: end)
        case .digits: return RunRule.run(scanner, of: .number, longest: 1, from: start, to: end)
        case .numbers(let longest): return RunRule.run(scanner, of: .number, longest: longest, from: start, to: end)
        case .lineBreaks: return RunRule.run(scanner, of: .lineBreak, longest: 1, from: start, to: end)
        case .words: return RunRule.nextWord(scanner, from: start, to: end)
        case .threeDigits: return RunRule.threeDigits(scanner.bytes, from: start, to: end)
        case .trailingSpace: return RunRule.trailingSpace(scanner, from: start, to: end)
        case .punctuation: return RunRule.run(scanner, from: start, to: end, where: RunRule.isPunctuation)
        case .letters:
            return RunRule.spaceAndRun(scanner, from: start, to: end) { $1.meets(.letter) }
        case .punctuationMarks:
            return RunRule.spaceAndRun(scanner, from: start, to: end) { $1.meets(.punctuation) }
        case .deepSeekLetters:
            return RunRule.spaceAndRun(scanner, from: start, to: end) { value, _ in DeepSeekLetters.contains(value) }
        case .deepSeekPunctuation:
            return RunRule.spaceAndRun(scanner, from: start, to: end) { value, _ in RunRule.isListed(value) }
        case .deepSeekIdeographs:
            return RunRule.run(scanner, from: start, to: end) { value, _ in
                (0x0800...0x9FA5).contains(value) || (0xAC00...0xD7FF).contains(value)
            }
        case .ideographsAndKana:
            return RunRule.run(scanner, from: start, to: end) { value, _ in
                (0x4E00...0x9FA5).contains(value) || (0x3040...0x30FF).contains(value)
            }
        case .deepSeekV3Words: return DeepSeekV3Rule.nextMatch(scanner, from: start, to: end)
        }
    }
}
