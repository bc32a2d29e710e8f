import Platform

extension JSONWriter {
    /// The chat format: `{"content":[{"token","logprob","bytes","top_logprobs":[...]}]}`.
    ///
    /// `token` shows bytes that are not a whole character as U+FFFD; `bytes` has all bytes.
    mutating func chatLogprobs(_ positions: [LoggedPosition]) {
        raw(#"{"content":"#)
        list("[", positions, "]") { writer, position in
            writer.raw("{")
            writer.chatToken(position.drawn)
            writer.raw(#","top_logprobs":"#)
            writer.list("[", position.top, "]") { writer, token in
                writer.raw("{")
                writer.chatToken(token)
                writer.raw("}")
            }
            writer.raw("}")
        }
        raw("}")
    }

    private mutating func chatToken(_ token: LoggedToken) {
        raw(#""token":"#)
        string(String(decoding: token.bytes, as: UTF8.self))
        raw(#","logprob":"#)
        logprob(token.logprob)
        raw(#","bytes":"#)
        list("[", token.bytes, "]") { $0.integer($1) }
    }

    /// The format of completions: `{"tokens","token_logprobs","top_logprobs","text_offset"}`, each with one entry per
    /// token.
    ///
    /// A token that is not a whole character is shown as `bytes:\xe2\x82`. `text_offset` counts Unicode scalars of the
    /// answer before the token.
    mutating func completionLogprobs(_ positions: [LoggedPosition]) {
        raw(#"{"tokens":"#)
        list("[", positions, "]") { $0.string(name(of: $1.drawn.bytes)) }
        raw(#","token_logprobs":"#)
        list("[", positions, "]") { $0.logprob($1.drawn.logprob) }
        raw(#","top_logprobs":"#)
        list("[", positions, "]") { $0.topLogprobs($1.top) }
        raw(#","text_offset":"#)
        var offset = 0
        list("[", positions, "]") { writer, position in
            writer.integer(offset)
            // Every scalar has one byte that is not a continuation byte.
            offset += position.drawn.bytes.count { $0 & 0xC0 != 0x80 }
        }
        raw("}")
    }

    private mutating func topLogprobs(_ tokens: [LoggedToken]) {
        var names: [String] = []
        // Tokens with the same text would repeat a key: only the first one, which is the likeliest, is written.
        let distinct = tokens.filter { token in
            let text = name(of: token.bytes)
            guard !names.contains(where: { $0.utf8.elementsEqual(text.utf8) }) else { return false }
            names.append(text)
            return true
        }
        list("{", distinct, "}") { writer, token in
            writer.string(name(of: token.bytes))
            writer.raw(":")
            writer.logprob(token.logprob)
        }
    }

    /// JSON has no infinity: the log-probability of a token that cannot be drawn is written as -9999, as in OpenAI's
    /// API.
    private mutating func logprob(_ logprob: Float) {
        number(logprob.isFinite ? logprob : -9999)
    }
}

/// The name of a token in the format of completions.
private func name(of bytes: [UInt8]) -> String {
    guard offsetOfInvalidUTF8(in: bytes) != nil else { return String(decoding: bytes, as: UTF8.self) }
    return bytes.reduce(into: "bytes:") { text, byte in
        text += byte < 0x10 ? "\\x0" : "\\x"
        text += String(byte, radix: 16)
    }
}
