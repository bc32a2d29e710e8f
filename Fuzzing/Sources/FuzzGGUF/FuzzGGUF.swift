import ModelFiles

/// Opens the bytes as a GGUF file, and reads everything in it if it opens. libFuzzer calls this once an input.
@_cdecl("LLVMFuzzerTestOneInput")
public func fuzzOneInput(_ start: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
    let bytes = [UInt8](UnsafeBufferPointer(start: start, count: count))
    guard let file = try? GGUFFile(bytes: bytes) else { return 0 }
    readMetadata(file.metadata)
    for tensor in file.tensors {
        guard let view = try? file.tensor(named: tensor.name) else { fatalError("\(tensor) cannot be found") }
        let count = view.withUnsafeBytes { $0.count }
        guard count == tensor.byteCount else { fatalError("\(tensor) gives \(count) bytes") }
        let floats = Dequantize.floats(view)
        guard floats.count == tensor.elementCount else { fatalError("\(tensor) gives \(floats.count) floats") }
    }
    if let vocabulary = try? file.vocabulary() {
        readVocabulary(vocabulary)
    }
    return 0
}

private func readMetadata(_ metadata: GGUFMetadata) {
    for key in metadata.keys {
        guard metadata.description(of: key) != nil, metadata.typeDescription(of: key) != nil else {
            fatalError("\(key) has no description")
        }
        _ = try? metadata.string(key)
        _ = try? metadata.integer(key)
        _ = try? metadata.float(key)
        _ = try? metadata.bool(key)
        _ = try? metadata.integers(key)
        _ = try? metadata.floats(key)
        _ = try? metadata.bools(key)
        if let strings = try? metadata.strings(key) {
            let packed = strings.packed()
            guard packed.ends.count == strings.count else { fatalError("\(key) gives \(packed.ends.count) strings") }
        }
    }
}

private func readVocabulary(_ vocabulary: GGUFVocabulary) {
    guard vocabulary.endOfGeneration.allSatisfy({ vocabulary.tokens.indices.contains(Int($0)) }) else {
        fatalError("a token that ends a generation lies outside the vocabulary")
    }
    for index in vocabulary.tokens.indices {
        _ = vocabulary.tokens.text(at: index)
        guard vocabulary.tokens[index].count == vocabulary.tokens.byteCount(at: index) else {
            fatalError("token \(index) has two lengths")
        }
    }
}
