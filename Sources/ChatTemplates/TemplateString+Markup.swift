/// Strings that went through `safe` or `escape`, as the reference has them.
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

    /// With the characters that mean something in HTML escaped, whatever the string is.
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

    /// Itself if it is markup, escaped if not: what stands beside markup.
    var escapedOnce: TemplateString { isMarkup ? self : escaped() }

    /// Two strings one after the other. If one of them is markup, so is the result, and the other is escaped.
    static func + (left: TemplateString, right: TemplateString) -> TemplateString {
        let isMarkup = left.isMarkup || right.isMarkup
        var joined = isMarkup ? left.escapedOnce : left
        joined.append(isMarkup ? right.escapedOnce : right)
        return joined
    }
}

extension RuntimeValue {
    /// The value as what is joined with markup.
    var escapedOnce: RuntimeValue {
        if case .string(let string) = self { return .string(string.escapedOnce) }
        return self
    }
}
