import OpenAIProtocol
import Platform

/// Examples in five equal parts: four parts to learn from, and one held out for the evaluation.
///
/// The part of an example depends only on its prompt's digest, so that a prompt is in the same part whatever else is in
/// the data, and an answer that is learned from is never used for the evaluation. Of the four parts, each in turn
/// validates a perceptron that learned from the other three: every split is 6:2:2.
package struct LengthParts: Sendable {
    /// The number of parts to learn from.
    static let folds = 4

    /// Four parts, each in the order of the digests.
    let learned: [[LengthExample]]
    /// The fifth for the evaluation, in the order of the digests.
    package let heldOut: [LengthExample]

    /// Divides examples, whose order does not matter.
    package init(_ examples: [LengthExample]) {
        var parts = [[LengthExample]](repeating: [], count: Self.folds + 1)
        let order = examples.indices.sorted { (examples[$0].digest, $0) < (examples[$1].digest, $1) }
        for index in order { parts[Self.part(of: examples[index].digest)].append(examples[index]) }
        heldOut = parts.removeLast()
        learned = parts
    }

    /// All examples to learn from, part by part: four fifths.
    package var learning: [LengthExample] { learned.flatMap { $0 } }

    /// The part of a prompt, 0...4; part 4 is held out. The digest is mixed first, since the low bits of an FNV digest
    /// are those of the prompt's last letters.
    static func part(of digest: UInt64) -> Int {
        Int(CounterRandom.mix(digest).multipliedFullWidth(by: UInt64(folds + 1)).high)
    }

    /// The digest of the data: FNV-1a over the prompt's digest, the lengths and the ending of each example.
    package var digest: UInt64 {
        var digest = RequestDigest()
        for example in learning + heldOut {
            let numbers = [example.produced, example.promptTokens].map { UInt64(truncatingIfNeeded: $0) }
            for word in [example.digest] + numbers {
                withUnsafeBytes(of: word.littleEndian) { digest.update($0) }
            }
            digest.update(CollectionOfOne(example.isCut ? 1 : 0))
        }
        return digest.value
    }
}
