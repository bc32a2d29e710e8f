import CKernels

/// One to three products that share their input. Their panels, laid end to end, are shared out over a team.
struct JoinedProducts {
    // Three fields, because an array would be allocated for each product of each layer.
    private let first: MatrixProduct
    private let second: MatrixProduct?
    private let third: MatrixProduct?

    init(_ first: MatrixProduct, _ second: MatrixProduct? = nil, _ third: MatrixProduct? = nil) {
        self.first = first
        self.second = second
        self.third = third
    }

    /// Bytes of weights, roughly, that a team member takes at a time at the least: it reads them in some three
    /// microseconds. Smaller pieces would cost more than their better balance gains, since a piece stolen from another
    /// member's share comes from memory with no prefetch under way.
    private static let pieceBytes = 64 << 10

    /// The least number of units that a member takes at a time, for units of `unitBytes` bytes of weights.
    static func leastPiece(of unitBytes: Int) -> Int { max(1, pieceBytes / unitBytes) }

    func run(input: MatrixInput, rows: Int, _ resources: ComputeResources) {
        var (panels, panelBytes) = (0, 0)
        forEach { product in
            panels += product.matrix.panels
            panelBytes = max(panelBytes, product.matrix.panelBytes)
        }
        let work = (self, input, rows, resources)
        resources.team.share(panels, least: Self.leastPiece(of: panelBytes), with: work) { work, pieces, member in
            let (products, input, rows, resources) = work
            for piece in pieces { products.run(piece, input, rows, resources, member) }
        }
    }

    private func run(
        _ piece: Range<Int>, _ input: MatrixInput, _ rows: Int, _ resources: ComputeResources, _ member: Int
    ) {
        var first = 0
        forEach { product in
            let own = piece.clamped(to: first..<first + product.matrix.panels)
            if !own.isEmpty {
                let panels = own.lowerBound - first..<own.upperBound - first
                product.run(panels, input: input, rows: rows, resources, member: member)
            }
            first += product.matrix.panels
        }
    }

    private func forEach(_ body: (MatrixProduct) -> Void) {
        body(first)
        if let second { body(second) }
        if let third { body(third) }
    }
}
