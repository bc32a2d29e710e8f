/// The regular expressions that the Split steps of known models use. There is no engine for other expressions.
enum SplitExpressions {
    private static let tail = #"[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+"#
    private static let contractions = "(?i:'s|'t|'re|'ve|'m|'ll|'d)"

    /// The rule that cuts like the expression; nil for an unknown expression.
    static func rule(_ expression: String) -> SplitRule? {
        switch expression {
        case #"'s|'t|'re|'ve|'m|'ll|'d| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)|\s+"#: .gpt2Words
        case contractions + #"|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}{1,3}| ?[^\s\p{L}\p{N}]+"# + tail:
            .llama3Words(longestNumber: 3, marksInWords: false)
        case contractions + #"|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}| ?[^\s\p{L}\p{N}]+"# + tail:
            .llama3Words(longestNumber: 1, marksInWords: false)
        case contractions + #"|[^\r\n\p{L}\p{N}]?[\p{L}\p{M}]+|\p{N}| ?[^\s\p{L}\p{M}\p{N}]+"# + tail:
            .llama3Words(longestNumber: 1, marksInWords: true)
        case ##"[!"#$%&'()*+,\-./:;<=>?@\[\\\]^_`{|}~][A-Za-z]+|[^\r\n\p{L}\p{P}\p{S}]?[\p{L}\p{M}]+| ?[\p{P}\p{S}]+"##
            + tail:
            .deepSeekV3Words
        case "[\r\n]", #"[\r\n]"#: .lineBreaks
        case #"\s?\p{L}+"#: .letters
        case #"\s?\p{P}+"#: .punctuationMarks
        case #"\s?["# + DeepSeekLetters.expression + "]+": .deepSeekLetters
        case #"\s?[!-/:-~！-／：-～‘-‟　-。]+"#: .deepSeekPunctuation
        case #"\s+$"#: .trailingSpace
        case "[一-龥\u{800}-一가-\u{D7FF}]+": .deepSeekIdeographs
        case "[一-龥\u{3040}-ゟ゠-ヿ]+": .ideographsAndKana
        case #"\p{N}"#: .digits
        case #"\p{N}{1,3}"#: .numbers(longest: 3)
        case "[0-9][0-9][0-9]": .threeDigits
        default: nil
        }
    }
}
