import Tokenization

/// A string of a template, which records which of its characters came from a request.
///
/// Templates count and slice by characters, which are Unicode scalars, as in Python.
public struct TemplateString: Sendable, Hashable {
    private(set) var scalars: [Unicode.Scalar] = []
    /// The ranges of user text: ascending, not empty, not adjoining.
    private var userRanges: [Range<Int>] = []
    /// Whether the string went through `safe` or `escape`: strings that `+`, `%` or a method join with it are escaped.
    var isMarkup = false

    /// The empty string.
    public init() {}

    /// Text that the model's makers wrote, in which special tokens count.
    public init(template text: String) { append(text.unicodeScalars, isUserText: false) }

    /// Text that came from a request, in which special tokens never count.
    public init(user text: String) { append(text.unicodeScalars, isUserText: true) }

    /// All the characters.
    public var text: String { text(of: 0..<scalars.count) }

    public var isEmpty: Bool { scalars.isEmpty }

    /// The string in runs of one provenance, none of them empty.
    public var segments: [TextSegment] {
        var segments: [TextSegment] = []
        forEachRun { run, isUserText in
            segments.append(TextSegment(text: text(of: run), isUserText: isUserText))
        }
        return segments
    }

    /// The characters of a range, written as UTF-8 in one pass: appending them one by one is many times slower.
    private func text(of range: Range<Int>) -> String {
        var bytes = 0
        for index in range { bytes += UTF8.width(scalars[index]) }
        return String(unsafeUninitializedCapacity: bytes) { buffer in
            var end = 0
            for index in range {
                for byte in scalars[index].utf8 {
                    buffer[end] = byte
                    end += 1
                }
            }
            return end
        }
    }

    var count: Int { scalars.count }

    var hasUserText: Bool { !userRanges.isEmpty }

    /// The same characters, all of them user text if `isUserText`.
    func marked(asUserText isUserText: Bool) -> TemplateString {
        guard isUserText else { return self }
        var marked = TemplateString()
        marked.append(scalars, isUserText: true)
        return marked
    }

    mutating func append(_ new: some Collection<Unicode.Scalar>, isUserText: Bool) {
        let start = scalars.count
        scalars.append(contentsOf: new)
        if isUserText, scalars.count > start { markUserText(start..<scalars.count) }
    }

    mutating func append(_ other: TemplateString) {
        let start = scalars.count
        scalars.append(contentsOf: other.scalars)
        for range in other.userRanges { markUserText(start + range.lowerBound..<start + range.upperBound) }
    }

    /// Appends a part of `other`.
    mutating func append(_ other: TemplateString, in range: Range<Int>) {
        let start = scalars.count
        scalars.append(contentsOf: other.scalars[range])
        var index = other.firstUserRange(endingAfter: range.lowerBound)
        while index < other.userRanges.count {
            let part = other.userRanges[index].clamped(to: range)
            guard !part.isEmpty else { break }
            let offset = start - range.lowerBound
            markUserText(part.lowerBound + offset..<part.upperBound + offset)
            index += 1
        }
    }

    /// Records a range of user text after all ranges recorded so far.
    private mutating func markUserText(_ range: Range<Int>) {
        if let last = userRanges.last, last.upperBound == range.lowerBound {
            userRanges[userRanges.count - 1] = last.lowerBound..<range.upperBound
        } else {
            userRanges.append(range)
        }
    }

    private func firstUserRange(endingAfter position: Int) -> Int {
        var low = 0
        var high = userRanges.count
        while low < high {
            let middle = (low + high) / 2
            if userRanges[middle].upperBound > position { high = middle } else { low = middle + 1 }
        }
        return low
    }

    /// A part of the string.
    subscript(_ range: Range<Int>) -> TemplateString {
        var part = TemplateString()
        part.isMarkup = isMarkup
        part.append(self, in: range)
        return part
    }

    /// Calls `body` for each run of one provenance, and says whether the run is user text.
    private func forEachRun(_ body: (Range<Int>, Bool) -> Void) {
        var start = 0
        for user in userRanges {
            if start < user.lowerBound { body(start..<user.lowerBound, false) }
            body(user, true)
            start = user.upperBound
        }
        if start < count { body(start..<count, false) }
    }

    /// The string with each character replaced; the replacement keeps the character's provenance.
    func mapScalars(_ transform: (Int, Unicode.Scalar) -> String.UnicodeScalarView) -> TemplateString {
        var result = TemplateString()
        result.isMarkup = isMarkup
        forEachRun { run, isUserText in
            for index in run { result.append(transform(index, scalars[index]), isUserText: isUserText) }
        }
        return result
    }
}

/// Markup: strings that went through `safe` or `escape`, as in the reference.
extension TemplateString {
    /// The same text as markup.
    var asMarkup: TemplateString {
        var markup = self
        markup.isMarkup = true
        return markup
    }

    /// The same text as an ordinary string.
    var withoutMarkup: TemplateString {
        var plain = self
        plain.isMarkup = false
        return plain
    }

    /// The string with the characters that have a meaning in HTML escaped, even if it is markup.
    func escaped() -> TemplateString {
        mapScalars { _, scalar in
            switch scalar {
            case "&": "&amp;".unicodeScalars
            case "<": "&lt;".unicodeScalars
            case ">": "&gt;".unicodeScalars
            case "'": "&#39;".unicodeScalars
            case "\"": "&#34;".unicodeScalars
            default: String.UnicodeScalarView([scalar])
            }
        }.asMarkup
    }

    /// The string itself if it is markup, else escaped: the form in which it is joined with markup.
    var escapedOnce: TemplateString { isMarkup ? self : escaped() }

    /// Two strings one after the other. If one of them is markup, so is the result, and the other is escaped.
    static func + (left: TemplateString, right: TemplateString) -> TemplateString {
        let isMarkup = left.isMarkup || right.isMarkup
        var joined = isMarkup ? left.escapedOnce : left
        joined.append(isMarkup ? right.escapedOnce : right)
        return joined
    }
}
