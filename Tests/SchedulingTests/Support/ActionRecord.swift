import Scheduling

/// An action in a form that can be compared.
enum ActionRecord: Hashable {
    case dispatch(MicroBatchID, Phase, [Slice])
    case emit(RequestID, [SampledToken])
    case finish(RequestID, FinishReason)
    case reject(RequestID, AdmissionError)
    case report(StepRecord)

    struct Slice: Hashable {
        let request: RequestID
        let start: Int
        let tokens: [TokenID]
        let blocks: [BlockID]
        let draws: [Draw]
    }
    struct Draw: Hashable {
        let row: Int
        /// Tokens drawn before, and those that the draw looks at.
        let generated: Int
        let history: [TokenID]
        let parameters: SamplingParameters
    }

    init(_ action: EngineAction) {
        switch action {
        case .dispatch(let batch):
            let slices = batch.slices.map { slice in
                Slice(
                    request: slice.request, start: slice.start, tokens: Array(slice.tokens), blocks: slice.blocks,
                    draws: slice.draws.map {
                        Draw(
                            row: $0.row, generated: $0.task.generated, history: $0.task.history,
                            parameters: $0.task.parameters)
                    })
            }
            self = .dispatch(batch.id, batch.phase, slices)
        case .emit(let id, let tokens): self = .emit(id, tokens)
        case .finish(let id, let reason): self = .finish(id, reason)
        case .reject(let id, let error): self = .reject(id, error)
        case .report(let step): self = .report(step)
        }
    }
}
