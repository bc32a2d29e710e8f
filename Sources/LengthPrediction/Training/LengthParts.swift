import OpenAIProtocol
import Platform

/// Examples in five equal parts: four to learn from, one held out to judge by.
///
/// A prompt's digest alone decides its part, so that a prompt is in the same part whatever else is in the data, and
/// an answer that is learned from never comes back as one to judge by. Of the four, each in turn validates what was
/// learned from the other three: every split is 6:2:2.
package struct LengthParts: Sendable {
    /// Parts to learn from.
    static let folds = 4

    /// Four parts, each in the order of the digests.
    let learned: [[LengthExample]]
    /// The fifth to judge by, in the order of the digests.
    package let heldOut: [LengthExample]

    /// The order in which the examples are given does not matter.
    package init(_ examples: [LengthExample]) {
        var parts = [[LengthExample]](repeating: [], count: Self.folds + 1)
        let order = examples.indices.sorted { (examples[$0].digest, $0) < (examples[$1].digest, $1) }
        for index in order { parts[Self.part(of: examples[index].digest)].append(examples[index]) }
        heldOut = parts.removeLast()
        learned = parts
    }

    /// All examples to learn from, part by part: four fifths.
    package var learning: [LengthExample] { learned.flatMap { $0 } }

    /// The part of a prompt, 0...4; the last one is held out. The digest is mixed first, since the low bits of an
    /// FNV digest are those of the prompt's last letters.
    static func part(of digest: UInt64) -> Int {
        Int(CounterRandom.mix(digest).multipliedFullWidth(by: UInt64(folds + 1)).high)
    }

    /// Names the data: FNV-1a over digest, length and ending of each example.
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
