import Scheduling
import StageDevices

/// How the stages share the output head: which tokens each stage computes first, and which tokens it can compute.
///
/// The vocabulary is cut into pieces, each within a share. A stage takes the pieces of its own share first, and then
/// pieces of other shares that are within its reach.
package struct HeadShares: Sendable {
    /// By stage: the pieces of its share, in order; empty if the stage has no share.
    let pieces: [[Range<Int>]]
    /// By stage: the tokens that it can compute.
    let reach: [Range<Int>]

    /// - Parameters:
    ///   - ranges: the parts of all stages.
    ///   - unit: tokens that the device computes together.
    package init(_ ranges: [LayerRange], vocabularyUnit unit: Int) {
        reach = ranges.map(\.vocabularyReach)
        let units = ((ranges.map(\.vocabulary.upperBound).max() ?? 0) + unit - 1) / unit
        // A single stage has no helpers and takes its share in one piece.
        let size = ranges.count == 1 ? max(1, units) : max(1, units / WorkSharing.headPieces)
        pieces = ranges.map { range in
            stride(from: range.vocabulary.lowerBound, to: range.vocabulary.upperBound, by: size * unit).map {
                $0..<min($0 + size * unit, range.vocabulary.upperBound)
            }
        }
    }

    /// Whether a stage can compute any of the head.
    func takesPart(_ stage: Int) -> Bool { !reach[stage].isEmpty }
}
