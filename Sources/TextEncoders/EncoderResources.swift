import CKernels
import CPUDevice
import Platform

/// What all layers of an encoder share: kernels, threads, and memory for the rows of one batch of texts.
final class EncoderResources {
    /// What matrix products need.
    let compute: ComputeResources
    private let model: EncoderConfiguration
    /// The hidden states, which each half of a layer reads and adds to.
    let hidden = MatrixInput()
    /// The heads' outputs.
    let attended = MatrixInput()
    /// The query, key and value of each row, one after the other.
    let projected = Scratch<Float>()
    /// The feed-forward's activated rows of the current tile, one buffer per member of the team.
    private let memberActivated: [MatrixInput]

    /// The most rows of a tile: one member takes a tile through a layer, and the intermediate results of so few rows
    /// stay in the L2 cache.
    private static let tileRows = 64

    init(kernels: tw_kernels, precision: Precision, team: ThreadTeam, model: EncoderConfiguration) {
        self.model = model
        memberActivated = (0..<team.count).map { _ in MatrixInput() }
        compute = ComputeResources(kernels: kernels, precision: precision, team: team)
    }

    var kernels: tw_kernels { compute.kernels }
    var team: ThreadTeam { compute.team }

    /// Row stride of `projected`.
    var projectedStride: Int { 3 * model.hidden }

    /// Makes room for texts of `rows` tokens in all; the longest text has `longest` tokens.
    func prepare(rows: Int, longest: Int) {
        hidden.reserve(rows: rows, width: model.hidden)
        attended.reserve(rows: rows, width: model.hidden)
        for activated in memberActivated { activated.reserve(rows: Self.tileRows, width: model.feedForward) }
        projected.reserve(rows * projectedStride)
        let most = (PackedMatrix.panels(holding: longest) + 1) * Int(TW_PANEL)
        compute.reserveScratch((2 * model.headDim + Int(TW_TEXT_ROWS)) * most)
    }

    func activated(_ member: Int) -> MatrixInput { memberActivated[member] }

    /// Cuts 0 ..< rows into tiles of nearly equal height, at least one per member if there are enough rows, and hands
    /// the tiles out.
    func forEachTile(_ rows: Int, _ body: @escaping (_ tile: Range<Int>, _ member: Int) -> Void) {
        let count = min(rows, max(team.count, (rows + Self.tileRows - 1) / Self.tileRows))
        team.forEach(count) { tile, member in
            body(rows * tile / count..<rows * (tile + 1) / count, member)
        }
    }

    /// Makes the 8-bit form of some rows, or of some of their columns cut at multiples of 32, if the products read it.
    func quantise(_ input: MatrixInput, _ rows: Range<Int>, columns: Range<Int>? = nil) {
        guard compute.precision == .int8 else { return }
        input.quantise(rows, columns: columns ?? 0..<input.width, with: kernels)
    }
}
