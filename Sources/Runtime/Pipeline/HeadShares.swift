/// Which stages share the output head, as each of them sees it.
struct HeadShares: Sendable {
    /// This stage's place among those with a share of the vocabulary; nil if it has none.
    let own: Int?
    /// Stages with a share.
    let count: Int
    /// Inboxes of the others among them: where the last stage sends work.
    let others: [StageInbox]

    /// - Parameter inboxes: of all stages, nil for those without a share.
    init(of stage: Int, among inboxes: [StageInbox?]) {
        count = inboxes.count { $0 != nil }
        own = inboxes[stage] == nil ? nil : inboxes[..<stage].count { $0 != nil }
        others = inboxes.indices.compactMap { $0 == stage ? nil : inboxes[$0] }
    }
}
