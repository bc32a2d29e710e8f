import ModelFiles

/// Touches everything that an opened file offers, and returns a number that depends on all of it.
func readEverything(_ file: GGUFFile) -> Int {
    var sum = file.version
    for key in file.metadata.keys {
        sum &+= file.metadata.description(of: key)?.utf8.count ?? 0
        sum &+= file.metadata.typeDescription(of: key)?.utf8.count ?? 0
        sum &+= (try? file.metadata.integer(key)) ?? 0
        sum &+= (try? file.metadata.integers(key))?.reduce(0, &+) ?? 0
        sum &+= (try? file.metadata.floats(key))?.count ?? 0
        sum &+= (try? file.metadata.strings(key))?.packed().bytes.count ?? 0
    }
    for tensor in file.tensors {
        guard let view = try? file.tensor(named: tensor.name) else { continue }
        sum &+= view.withUnsafeBytes { $0.reduce(0) { $0 &+ Int($1) } }
        sum &+= Dequantize.floats(view).count
    }
    if let vocabulary = try? file.vocabulary() {
        sum &+= vocabulary.tokens.reduce(0) { $0 &+ $1.count }
        sum &+= vocabulary.endOfGeneration.count
    }
    return sum
}

/// Touches everything that an opened file offers, and returns a number that depends on all of it.
func readEverything(_ file: SafetensorsFile) -> Int {
    var sum = file.metadata.count
    for tensor in file.tensors {
        guard let view = try? file.tensor(named: tensor.name) else { continue }
        sum &+= view.withUnsafeBytes { $0.reduce(0) { $0 &+ Int($1) } }
        sum &+= (try? view.floats())?.count ?? 0
    }
    return sum
}
