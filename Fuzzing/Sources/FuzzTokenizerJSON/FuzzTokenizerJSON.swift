import Tokenization

/// Builds a tokenizer of the bytes as a tokenizer.json and encodes a few texts with it, if there is one. What is decoded
/// in pieces must be what is decoded at once. libFuzzer calls this once an input.
@_cdecl("LLVMFuzzerTestOneInput")
public func fuzzOneInput(_ start: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
    let bytes = [UInt8](UnsafeBufferPointer(start: start, count: count))
    guard let tokenizer = try? Tokenizer(json: bytes) else { return 0 }
    for text in texts {
        guard let ids = try? tokenizer.encode(text, special: .parse, addingSequenceTokens: true) else {
            fatalError("a text was refused")
        }
        guard ids.allSatisfy({ $0 >= 0 && Int($0) < tokenizer.vocabularySize }) else {
            fatalError("an id lies outside the vocabulary")
        }
        check(tokenizer, ids)
    }
    check(tokenizer, (-1...min(Int32(tokenizer.vocabularySize), 2000)).map { $0 })
    return 0
}

private let texts = [
    "", "the river runs  down\n\n to the sea 12345", "<s>a<mask> [CLS] <|end|>\u{2581}x<blank> y",
    "e\u{301}\u{1100}\u{1161}\u{11A8} \u{FF21}\u{A0}\u{1F469}\u{200D}\u{1F467} \u{4F60}\u{597D}\u{0}\u{85}'s",
    String(repeating: "ab", count: 60),
]

private func check(_ tokenizer: Tokenizer, _ ids: [Int32]) {
    var stream = StreamingDetokenizer(tokenizer)
    var pieces = ids.map { stream.append($0) }.joined()
    pieces += stream.finish()
    guard pieces.utf8.elementsEqual(tokenizer.decode(ids).utf8) else { fatalError("the pieces are not the text") }
}
