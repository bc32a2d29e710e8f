extension TemplateInterpreter {
    static let layoutFilters: [String: TemplateFilterFunction] = [
        "format": { interpreter, value, arguments in
            guard arguments.positional.isEmpty || arguments.named.isEmpty else {
                throw ChatTemplateError.template("'format' takes positional or named arguments, not both")
            }
            let members = arguments.named.map { (TemplateString(template: $0.name), $0.value) }
            return try interpreter.format(
                value.asText(),
                percent: members.isEmpty ? .tuple(arguments.positional) : .mapping(RuntimeMapping(members)))
        },
        "center": { interpreter, value, arguments in
            let width = try arguments.bind(["width"], function: "center")[0]?.integer(for: "center") ?? 80
            try interpreter.charge(characters: max(0, width))
            return try .string(value.asText().centered(in: width, fill: " "))
        },
        "truncate": { _, value, arguments in
            let given = try arguments.bind(["length", "killwords", "end", "leeway"], function: "truncate")
            let string = try value.string(for: "truncate")
            let end = try given[2]?.string(for: "truncate") ?? TemplateString(template: "...")
            let length = try given[0]?.integer(for: "truncate") ?? 255
            let leeway = try given[3]?.ifNotNone?.integer(for: "truncate") ?? 5
            guard length >= end.count, leeway >= 0 else {
                throw ChatTemplateError.template("'truncate' to \(length) characters leaves no room for its end")
            }
            guard string.count > length, string.count - length > leeway else { return .string(string) }
            let cut = string[0..<length - end.count]
            let space = given[1]?.isTrue ?? false ? nil : cut.lastIndex(of: TemplateString(template: " "))
            return .string((space.map { cut[0..<$0] } ?? cut) + end)
        },
        "urlencode": { interpreter, value, arguments in
            _ = try arguments.bind([], function: "urlencode")
            guard case .mapping(let mapping) = value else { return try .string(value.asText().percentEncoded()) }
            let pairs = try mapping.members.map { key, value in
                try key.asText().percentEncoded(inQuery: true) + TemplateString(template: "=")
                    + value.asText().percentEncoded(inQuery: true)
            }
            return try .string(interpreter.join(pairs, separator: TemplateString(template: "&")))
        },
    ]
}

extension TemplateString {
    /// With every byte but letters, digits and `_.-~/` written as a percent sign and two digits; in a query slashes
    /// too, and spaces as plus signs.
    fileprivate func percentEncoded(inQuery: Bool = false) -> TemplateString {
        let safe = inQuery ? "_.-~" : "_.-~/"
        return mapScalars { _, scalar in
            if inQuery, scalar == " " { return "+".unicodeScalars }
            let isSafe =
                scalar.isASCII && (scalar.properties.isAlphabetic || ("0"..."9").contains(scalar))
                || safe.unicodeScalars.contains(scalar)
            if isSafe { return String.UnicodeScalarView([scalar]) }
            let bytes = String(scalar).utf8.map { byte in
                "%" + (byte < 16 ? "0" : "") + String(byte, radix: 16, uppercase: true)
            }
            return bytes.joined().unicodeScalars
        }.withoutMarkup
    }
}
