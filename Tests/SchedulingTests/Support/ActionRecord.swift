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
        /// Tokens drawn before, and those that the draw looks at; nil if nothing is drawn.
        let draw: Draw?
    }
    struct Draw: Hashable {
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
                    draw: slice.sampling.map {
                        Draw(generated: $0.generated, history: $0.history, parameters: $0.parameters)
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
