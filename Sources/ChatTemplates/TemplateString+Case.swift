/// Python's changes of case.
extension TemplateString {
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

    /// Each word capitalised, as the `title` filter does: words are parted by white space, hyphens and opening
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

    /// Upper case for lower case and the other way round.
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
