/// Python's operations on strings. They keep provenance; operations that can make much text charge the budget for it.
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

    /// The number of occurrences of `part`, without overlaps.
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

    /// The string without the characters of `set` (white space if nil) at its ends.
    func trimmed(_ set: TemplateString?, leading: Bool = true, trailing: Bool = true) -> TemplateString {
        func isTrimmed(_ scalar: Unicode.Scalar) -> Bool { set?.scalars.contains(scalar) ?? scalar.isPythonSpace }
        var start = 0
        var end = count
        if leading { while start < end, isTrimmed(scalars[start]) { start += 1 } }
        if trailing { while end > start, isTrimmed(scalars[end - 1]) { end -= 1 } }
        return self[start..<end]
    }

    /// The string with the first `limit` occurrences of `old` replaced (all if nil). The new text keeps its own
    /// provenance.
    func replacing(
        _ old: TemplateString, with new: TemplateString, limit: Int?, _ budget: TemplateBudget
    ) throws -> TemplateString {
        let times = min(occurrences(of: old), limit ?? Int.max)
        let (growth, overflows) = max(0, new.count - old.count).multipliedReportingOverflow(by: times)
        try budget.charge(characters: overflows ? Int.max : count + growth)
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

    /// The parts, joined with this string between them.
    func joined(_ parts: [TemplateString], _ budget: TemplateBudget) throws -> TemplateString {
        let separators = count.multipliedReportingOverflow(by: max(0, parts.count - 1))
        var characters = separators.overflow ? Int.max : separators.partialValue
        for part in parts {
            characters = characters.addingReportingOverflow(part.count).overflow ? Int.max : characters + part.count
        }
        try budget.charge(characters: characters)
        try budget.charge(items: parts.count)
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

    // MARK: - Width

    /// The string centred in at least `width` characters, like `str.center`: if the number of missing characters is
    /// odd, the extra one goes left if the width is odd.
    func centered(in width: Int, fill: Unicode.Scalar) -> TemplateString {
        guard width > count else { return self }
        let missing = width - count
        let before = missing / 2 + (missing & width & 1)
        return padded(to: count + before, .right, fill: fill).padded(to: width, .left, fill: fill)
    }

    /// The string padded to at least `width` characters with `fill`.
    func padded(to width: Int, _ alignment: TextFormat.Alignment, fill: Unicode.Scalar) -> TemplateString {
        guard width > count else { return self }
        let missing = width - count
        let before =
            switch alignment {
            case .left: 0
            case .right, .afterSign: missing
            case .center: missing / 2
            }
        var result = TemplateString()
        result.append(repeatElement(fill, count: before), isUserText: false)
        result.append(self)
        result.append(repeatElement(fill, count: missing - before), isUserText: false)
        result.isMarkup = isMarkup
        return result
    }

    // MARK: - Case

    func uppercased() -> TemplateString { mapScalars { $1.properties.uppercaseMapping.unicodeScalars } }

    func lowercased() -> TemplateString { mapScalars { lowercase($1, at: $0) } }

    /// The first character in title case, the rest in lower case.
    func capitalized() -> TemplateString {
        mapScalars { index, scalar in
            index == 0 ? scalar.properties.titlecaseMapping.unicodeScalars : lowercase(scalar, at: index)
        }
    }

    /// Each run of letters capitalised, as `str.title` does.
    func titlecased() -> TemplateString {
        mapScalars { index, scalar in
            let continuesWord = index > 0 && scalars[index - 1].properties.isCased
            return continuesWord ? lowercase(scalar, at: index) : scalar.properties.titlecaseMapping.unicodeScalars
        }
    }

    /// Each word capitalised, as the `title` filter does: words are separated by white space, hyphens and opening
    /// brackets.
    func wordsCapitalized() -> TemplateString {
        func parts(_ scalar: Unicode.Scalar) -> Bool {
            scalar.isPythonSpace || "-({[<".unicodeScalars.contains(scalar)
        }
        return mapScalars { index, scalar in
            if index == 0 || parts(scalars[index - 1]) { return scalar.properties.uppercaseMapping.unicodeScalars }
            return lowercase(scalar, at: index)
        }
    }

    /// The string with upper and lower case swapped.
    func caseSwapped() -> TemplateString {
        mapScalars { index, scalar in
            scalar.properties.isUppercase || scalar.properties.generalCategory == .titlecaseLetter
                ? lowercase(scalar, at: index) : scalar.properties.uppercaseMapping.unicodeScalars
        }
    }

    private func lowercase(_ scalar: Unicode.Scalar, at index: Int) -> String.UnicodeScalarView {
        guard scalar == "\u{3A3}" else { return scalar.properties.lowercaseMapping.unicodeScalars }
        return String(isFinalSigma(index) ? "\u{3C2}" : "\u{3C3}").unicodeScalars
    }

    /// Whether the sigma at `index` ends a word: a cased letter before it and none after it, not counting marks.
    private func isFinalSigma(_ index: Int) -> Bool {
        var before = index - 1
        while before >= 0, scalars[before].properties.isCaseIgnorable { before -= 1 }
        guard before >= 0, scalars[before].properties.isCased else { return false }
        var after = index + 1
        while after < count, scalars[after].properties.isCaseIgnorable { after += 1 }
        return after == count || !scalars[after].properties.isCased
    }

    /// Whether there are cased characters, and all of them are lower case.
    var isLowercase: Bool { hasOnlyCase(\.isLowercase) }

    /// Whether there are cased characters, and all of them are upper case.
    var isUppercase: Bool { hasOnlyCase(\.isUppercase) }

    private func hasOnlyCase(_ isWanted: (Unicode.Scalar.Properties) -> Bool) -> Bool {
        var hasCased = false
        for scalar in scalars where scalar.properties.isCased {
            guard isWanted(scalar.properties) else { return false }
            hasCased = true
        }
        return hasCased
    }
}

extension Unicode.Scalar {
    /// Whether Python's `str.isspace` holds: Unicode's white space, and the four information separators.
    var isPythonSpace: Bool { properties.isWhitespace || (0x1C...0x1F).contains(value) }

    /// Whether Python's `str.isalpha` holds.
    var isPythonLetter: Bool {
        switch properties.generalCategory {
        case .uppercaseLetter, .lowercaseLetter, .titlecaseLetter, .modifierLetter, .otherLetter: true
        default: false
        }
    }

    /// Whether Python's regular expressions count the character as part of a word.
    var isPythonWord: Bool {
        switch properties.generalCategory {
        case .decimalNumber, .letterNumber, .otherNumber: true
        default: isPythonLetter || self == "_"
        }
    }

    /// Whether Python's `str.isdigit` holds: decimal digits, and digits such as superscripts.
    var isPythonDigit: Bool {
        properties.numericType == .decimal || properties.numericType == .digit
    }
}
