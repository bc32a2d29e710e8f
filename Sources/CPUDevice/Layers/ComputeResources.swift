import CKernels
import Platform

/// What matrix products need, whatever the model: kernels, threads, and scratch memory for each thread.
package class ComputeResources {
    package final let kernels: tw_kernels
    package final let precision: Precision
    package final let team: ThreadTeam
    private final let memberScratch: [Scratch<Float>]

    package init(kernels: tw_kernels, precision: Precision, team: ThreadTeam) {
        self.kernels = kernels
        self.precision = precision
        self.team = team
        memberScratch = (0..<team.count).map { _ in Scratch() }
    }

    /// Makes room for `count` floats for each member of the team; the earlier contents are lost.
    package final func reserveScratch(_ count: Int) {
        for scratch in memberScratch { scratch.reserve(count) }
    }

    package final func scratch(_ member: Int) -> UnsafeMutablePointer<Float> { memberScratch[member].base }
}
