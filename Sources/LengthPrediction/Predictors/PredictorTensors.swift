import ModelFiles

/// Takes checked numbers and texts from a predictor's file, and counts the tensors taken, to find unknown ones.
struct PredictorTensors {
    private let file: SafetensorsFile
    private var taken = 0

    init(_ bytes: [UInt8]) throws(PredictionError) {
        do { file = try SafetensorsFile(bytes: bytes) } catch {
            throw PredictionError(.badPredictor, "not a length predictor: \(error)")
        }
    }

    /// The text of the metadata under `name`.
    func text(_ name: String) throws(PredictionError) -> String {
        guard let text = file.metadata[name] else {
            throw PredictionError(.badPredictor, "the metadata have no '\(name)'")
        }
        return text
    }

    func integer(_ name: String, in range: ClosedRange<Int>) throws(PredictionError) -> Int {
        try integer(text(name)[...], name, in: range)
    }

    /// A list of whole numbers, separated by commas; may be empty.
    func integers(_ name: String, in range: ClosedRange<Int>) throws(PredictionError) -> [Int] {
        var numbers: [Int] = []
        let text = try text(name)
        guard !text.isEmpty else { return [] }
        for part in text.split(separator: ",", omittingEmptySubsequences: false) {
            numbers.append(try integer(part, name, in: range))
        }
        return numbers
    }

    func hexadecimal(_ name: String) throws(PredictionError) -> UInt64 {
        let digits = try text(name)
        guard let number = UInt64(digits, radix: 16) else {
            throw PredictionError(
                .badPredictor, "'\(name)' is \(digits.prefix(40).debugDescription); a hexadecimal number is needed")
        }
        return number
    }

    /// A text that must be one of `words`.
    func word(_ name: String, _ words: [String]) throws(PredictionError) -> String {
        let text = try text(name)
        guard words.contains(text) else {
            throw PredictionError(
                .badPredictor,
                "'\(name)' is \(text.prefix(40).debugDescription); known are \(words.joined(separator: ", "))")
        }
        return text
    }

    /// A text that must be a raw value of a type.
    func word<Word>(_ name: String, _ type: Word.Type) throws(PredictionError) -> Word
    where Word: RawRepresentable<String> & CaseIterable {
        let text = try word(name, type.allCases.map(\.rawValue))
        // The text is one of the raw values.
        return Word(rawValue: text)!
    }

    /// The size of the first dimension of a tensor, which must be in `range`.
    func rows(_ name: String, in range: ClosedRange<Int>) throws(PredictionError) -> Int {
        guard let shape = file.tensor(ifPresent: name)?.info.shape else {
            throw PredictionError(.badPredictor, "tensor '\(name)' is missing")
        }
        guard let rows = shape.first, range.contains(rows) else {
            throw PredictionError(
                .badPredictor,
                "tensor '\(name)' has the shape \(shape); \(range.lowerBound) to \(range.upperBound) rows are possible")
        }
        return rows
    }

    /// The finite numbers of a tensor of this shape.
    mutating func floats(_ name: String, shape: [Int]) throws(PredictionError) -> [Float] {
        let floats: [Float]
        let found: [Int]
        do {
            let tensor = try file.tensor(named: name)
            found = tensor.info.shape
            floats = try tensor.floats()
        } catch {
            throw PredictionError(.badPredictor, "\(error)")
        }
        guard found == shape else {
            throw PredictionError(.badPredictor, "tensor '\(name)' has the shape \(found); \(shape) is needed")
        }
        if let wrong = floats.first(where: { !$0.isFinite }) {
            throw PredictionError(.badPredictor, "tensor '\(name)' holds \(wrong), which is no finite number")
        }
        taken += 1
        return floats
    }

    /// Rows of eight ascending lengths.
    mutating func octiles(_ name: String, count: Int) throws(PredictionError) -> [LengthOctiles] {
        let floats = try floats(name, shape: [count, LengthOctiles.count])
        let rows = (0..<count).map { Array(floats[($0 * LengthOctiles.count)..<(($0 + 1) * LengthOctiles.count)]) }
        for row in rows where row[0] < 0 || zip(row, row.dropFirst()).contains(where: { $0 > $1 }) {
            throw PredictionError(.badPredictor, "tensor '\(name)' has the lengths \(row), which do not ascend from 0")
        }
        return rows.map(LengthOctiles.init)
    }

    /// Refuses a file with tensors that were not taken.
    func checkNothingIsLeft() throws(PredictionError) {
        guard taken == file.tensors.count else {
            throw PredictionError(.badPredictor, "the file has \(file.tensors.count) tensors; \(taken) are known")
        }
    }

    private func integer(
        _ text: Substring, _ name: String, in range: ClosedRange<Int>
    ) throws(PredictionError) -> Int {
        guard let number = Int(text), range.contains(number) else {
            throw PredictionError(
                .badPredictor,
                "'\(name)' is \(String(text.prefix(Int(40))).debugDescription); a whole number from \(range.lowerBound) to "
                    + "\(range.upperBound) is needed")
        }
        return number
    }
}
