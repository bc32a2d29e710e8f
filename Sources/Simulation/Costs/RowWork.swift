/// Seconds of a layer and of an output head on one of the equal devices of a stage.
struct RowWork {
    let model: ModelShape
    let device: Hardware
    let tensor: Int
    let link: LinkKind
    let settings: ModelSettings

    /// Products and all-reduces of one layer.
    func layerSeconds(rows: Int) -> Double {
        guard rows > 0 else { return 0 }
        let attention = model.heads * model.headSize
        let keysAndValues = cacheHeads * model.headSize * 2
        let products =
            product(rows, model.hidden, part(attention) + keysAndValues)
            + product(rows, part(attention), model.hidden)
            + product(rows, model.hidden, part(model.feedForward) * (model.isGated ? 2 : 1))
            + product(rows, part(model.feedForward), model.hidden)
        let bytes = Double(rows) * Double(model.hidden) * settings.activationBytes
        return products + 2 * link.allReduceSeconds(bytes: bytes, members: tensor)
    }

    /// The product with `tokens` rows of the output head, whose logits are then gathered.
    func headSeconds(rows: Int, tokens: Int) -> Double {
        let bytes = Double(rows) * Double(tokens) * settings.activationBytes
        return product(rows, model.hidden, part(tokens)) + link.allGatherSeconds(bytes: bytes, members: tensor)
    }

    /// Seconds of arithmetic for each token attended to: 4 operations a column of a query head.
    var secondsPerContextToken: Double {
        4 * Double(part(model.heads) * model.headSize) / (device.operationsPerSecond * device.curve.attentionShare)
    }

    /// Seconds of memory traffic for each token whose key and value are read.
    var secondsPerCacheRead: Double {
        Double(2 * cacheHeads * model.headSize) * settings.cacheBytes
            / (device.bytesPerSecond * device.curve.bandwidthShare)
    }

    /// Key and value heads of a device: at least one, so that devices in excess hold copies.
    private var cacheHeads: Int { part(model.cacheHeads) }

    private func part(_ whole: Int) -> Int { (whole + tensor - 1) / tensor }

    private func product(_ rows: Int, _ inputs: Int, _ outputs: Int) -> Double {
        device.productSeconds(
            rows: rows, inputs: inputs, outputs: outputs, weightBytes: settings.weights.bytesPerWeight,
            activationBytes: settings.activationBytes)
    }
}
