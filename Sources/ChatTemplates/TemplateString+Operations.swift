/// Python's string operations, which keep provenance.
extension TemplateString {
    /// Where `part` first occurs at or after `start`.
    func firstIndex(of part: TemplateString, from start: Int = 0) -> Int? {
        guard part.count <= count else { return nil }
        guard let first = part.scalars.first else { return start <= count ? start : nil }
        var index = start
        while index + part.count <= count {
            if scalars[index] == first, scalars[index..<index + part.count].elementsEqual(part.scalars) { return index }
            index += 1
        }
        return nil
    }

    func lastIndex(of part: TemplateString) -> Int? {
        var index = count - part.count
        while index >= 0 {
            if scalars[index..<index + part.count].elementsEqual(part.scalars) { return index }
            index -= 1
        }
        return nil
    }

    func hasPrefix(_ part: TemplateString) -> Bool { scalars.starts(with: part.scalars) }

    func hasSuffix(_ part: TemplateString) -> Bool {
        count >= part.count && scalars[(count - part.count)...].elementsEqual(part.scalars)
    }

    /// How often `part` occurs, without overlaps.
    func occurrences(of part: TemplateString) -> Int {
        if part.isEmpty { return count + 1 }
        var found = 0
        var start = 0
        while let index = firstIndex(of: part, from: start) {
            found += 1
            start = index + part.count
        }
        return found
    }

    /// Without the characters of `set` (white space if nil) at its ends.
    func trimmed(_ set: TemplateString?, leading: Bool = true, trailing: Bool = true) -> TemplateString {
        func isTrimmed(_ scalar: Unicode.Scalar) -> Bool { set?.scalars.contains(scalar) ?? scalar.isPythonSpace }
        var start = 0
        var end = count
        if leading { while start < end, isTrimmed(scalars[start]) { start += 1 } }
        if trailing { while end > start, isTrimmed(scalars[end - 1]) { end -= 1 } }
        return self[start..<end]
    }

    /// With the first `limit` occurrences of `old` replaced (all if nil). The new text keeps its own provenance.
    func replacing(_ old: TemplateString, with new: TemplateString, limit: Int?) -> TemplateString {
        var result = TemplateString()
        var left = limit ?? Int.max
        var start = 0
        if old.isEmpty {
            // The new text goes before each character and at the end.
            for index in 0...count where left > 0 {
                result.append(self, in: start..<index)
                result.append(new)
                start = index
                left -= 1
            }
        } else {
            while left > 0, let index = firstIndex(of: old, from: start) {
                result.append(self, in: start..<index)
                result.append(new)
                start = index + old.count
                left -= 1
            }
        }
        result.append(self, in: start..<count)
        return result
    }

    /// The parts between occurrences of `separator`; the last of `limit` + 1 parts holds the rest.
    func split(_ separator: TemplateString, limit: Int) -> [TemplateString] {
        var parts: [TemplateString] = []
        var start = 0
        while limit < 0 || parts.count < limit, let index = firstIndex(of: separator, from: start) {
            parts.append(self[start..<index])
            start = index + separator.count
        }
        parts.append(self[start..<count])
        return parts
    }

    /// The parts between occurrences of `separator`, found from the end.
    func splitFromEnd(_ separator: TemplateString, limit: Int) -> [TemplateString] {
        guard limit >= 0 else { return split(separator, limit: -1) }
        var parts: [TemplateString] = []
        var rest = self
        while parts.count < limit, let index = rest.lastIndex(of: separator) {
            parts.append(rest[index + separator.count..<rest.count])
            rest = rest[0..<index]
        }
        parts.append(rest)
        return parts.reversed()
    }

    /// The words between runs of white space; the last of `limit` + 1 words holds the rest.
    func words(limit: Int) -> [TemplateString] {
        var words: [TemplateString] = []
        var index = 0
        while true {
            while index < count, scalars[index].isPythonSpace { index += 1 }
            guard index < count else { return words }
            if limit >= 0, words.count == limit {
                words.append(self[index..<count])
                return words
            }
            let start = index
            while index < count, !scalars[index].isPythonSpace { index += 1 }
            words.append(self[start..<index])
        }
    }

    /// The words between runs of white space, found from the end.
    func wordsFromEnd(limit: Int) -> [TemplateString] {
        guard limit >= 0 else { return words(limit: -1) }
        var words: [TemplateString] = []
        var end = count
        while true {
            while end > 0, scalars[end - 1].isPythonSpace { end -= 1 }
            guard end > 0 else { break }
            if words.count == limit {
                words.append(self[0..<end])
                break
            }
            var start = end
            while start > 0, !scalars[start - 1].isPythonSpace { start -= 1 }
            words.append(self[start..<end])
            end = start
        }
        return words.reversed()
    }

    /// The lines, with or without their ends.
    func lines(keepingEnds: Bool) -> [TemplateString] {
        var lines: [TemplateString] = []
        var start = 0
        var index = 0
        while index < count {
            guard Self.isLineEnd(scalars[index]) else {
                index += 1
                continue
            }
            let end = index
            index += scalars[index] == "\r" && index + 1 < count && scalars[index + 1] == "\n" ? 2 : 1
            lines.append(self[start..<(keepingEnds ? index : end)])
            start = index
        }
        if start < count { lines.append(self[start..<count]) }
        return lines
    }

    private static func isLineEnd(_ scalar: Unicode.Scalar) -> Bool {
        switch scalar.value {
        case 0x0A...0x0D, 0x1C...0x1E, 0x85, 0x2028, 0x2029: true
        default: false
        }
    }

    func joined(_ parts: [TemplateString]) -> TemplateString {
        var result = TemplateString()
        for (index, part) in parts.enumerated() {
            if index > 0 { result.append(self) }
            result.append(part)
        }
        return result
    }

    func repeated(_ times: Int) -> TemplateString {
        var result = TemplateString()
        for _ in 0..<max(0, times) { result.append(self) }
        result.isMarkup = isMarkup
        return result
    }

    func reversed() -> TemplateString {
        var result = TemplateString()
        for index in stride(from: count - 1, through: 0, by: -1) { result.append(self, in: index..<index + 1) }
        result.isMarkup = isMarkup
        return result
    }
}
