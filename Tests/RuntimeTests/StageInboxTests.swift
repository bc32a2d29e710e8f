import Platform
import Runtime
import Scheduling
import StageDevices
import Testing

@Suite("Inboxes of stages and links between them", .timeLimit(.minutes(30)))
struct StageInboxTests {
    private func batch(_ id: Int) -> MicroBatch {
        let slice = SequenceSlice(
            request: RequestID(0), start: 0, tokens: [1], blocks: [0],
            sampling: SamplingTask(parameters: .greedy, generated: 0, history: []))
        return MicroBatch(id: MicroBatchID(id), phase: .decode, slices: [slice])
    }

    private func parcel(_ id: Int) -> StageParcel {
        StageParcel(batch: MicroBatchID(id), tensor: NamedTensor(name: id), stageSeconds: [Double(id)])
    }

    private func job(_ id: Int) -> HeadJob {
        HeadJob(
            batch(id), groups: [EmptyGroup(slices: [0])],
            shares: HeadShares([.whole(layers: 1, vocabulary: 8)], vocabularyUnit: 1), stageSeconds: [0])
    }

    /// What a task is about: layers as the id, a share of the head as the id's complement.
    private func name(_ task: StageInbox.Task?) -> Int? {
        switch task {
        case .layers(let batch, let parcel):
            if let parcel {
                #expect(parcel.batch == batch.id && (parcel.tensor as? NamedTensor)?.name == batch.id.rawValue)
                #expect(parcel.stageSeconds == [Double(batch.id.rawValue)])
            }
            return batch.id.rawValue
        case .head(let job): return ~job.batch.rawValue
        case nil: return nil
        }
    }

    @Test("the first stage takes micro-batches in order, shares of the head first")
    func firstStage() {
        let inbox = StageInbox(needsActivations: false)
        for id in 3..<6 { inbox.add(batch(id)) }
        #expect(name(inbox.next()) == 3)
        inbox.add(job(1))
        inbox.add(batch(6))
        inbox.add(job(2))
        #expect((0..<5).map { _ in name(inbox.next()) } == [~1, ~2, 4, 5, 6])
    }

    @Test("later stages take a micro-batch once its activations are there, whichever came first")
    func laterStage() {
        let inbox = StageInbox(needsActivations: true)
        let link = InProcessLink(to: inbox)
        link.send(parcel(0))
        link.send(parcel(1))
        inbox.add(job(7))
        // Nothing but the share can be done: there is no metadata.
        #expect(name(inbox.next()) == ~7)
        for id in 0..<3 { inbox.add(batch(id)) }
        inbox.add(job(8))
        #expect((0..<3).map { _ in name(inbox.next()) } == [~8, 0, 1])
        // The third has no activations; the share does not wait for them.
        inbox.add(job(9))
        #expect(name(inbox.next()) == ~9)
        link.send(parcel(2))
        #expect(name(inbox.next()) == 2)
    }

    @Test("an inbox tells whether it has something, and whether its stage waits for more")
    func waitingIsSeen() throws {
        let inbox = StageInbox(needsActivations: true)
        let link = InProcessLink(to: inbox)
        #expect(!inbox.hasNext && !link.isAwaited)
        let batches = (0..<2).map(batch)
        let parcels = (0..<2).map(parcel)
        inbox.add(batches[0])
        #expect(!inbox.hasNext, "there are no activations")
        let thread = try JoinableThread {
            while inbox.next() != nil {}
        }
        while !link.isAwaited { yieldThread() }
        link.send(parcels[0])
        while !link.isAwaited { yieldThread() }
        link.send(parcels[1])
        #expect(link.isAwaited, "its metadata is missing")
        inbox.close()
        thread.join()
        #expect(!link.isAwaited)
        let other = StageInbox(needsActivations: false)
        other.add(batches[1])
        #expect(other.hasNext && !other.isWaiting)
    }

    @Test("a closed inbox gives nothing, whatever it holds, and wakes who waits")
    func closed() throws {
        for round in 0..<50 {
            let inbox = StageInbox(needsActivations: round % 2 == 0)
            let thread = try JoinableThread {
                while inbox.next() != nil {}
            }
            if round % 3 == 0 { inbox.add(batch(0)) }
            for _ in 0..<round { yieldThread() }
            inbox.close()
            thread.join()
            inbox.add(batch(1))
            inbox.add(job(1))
            #expect(inbox.next() == nil && inbox.next() == nil)
        }
    }

    @Test("a receiver waits for three senders, and misses nothing")
    func waiting() throws {
        for round in 0..<50 {
            let inbox = StageInbox(needsActivations: true)
            let link = InProcessLink(to: inbox)
            let count = round * 3
            let batches = (0..<count).map(batch)
            let parcels = (0..<count).map(parcel)
            let jobs = (0..<count).map(job)
            let senders: [@Sendable (Int) -> Void] = [
                { inbox.add(batches[$0]) }, { link.send(parcels[$0]) }, { inbox.add(jobs[$0]) },
            ]
            let threads = try senders.enumerated().map { number, send in
                try JoinableThread {
                    for id in 0..<count {
                        send(id)
                        if (id + number) % 5 == round % 5 { yieldThread() }
                    }
                }
            }
            let received = (0..<2 * count).compactMap { _ in name(inbox.next()) }
            for thread in threads { thread.join() }
            #expect(received.filter { $0 >= 0 } == Array(0..<count))
            #expect(received.filter { $0 < 0 } == (0..<count).map { ~$0 })
        }
    }
}

/// Activations without values.
private struct NamedTensor: StageTensor {
    let name: Int
    let rowCount = 1
}
