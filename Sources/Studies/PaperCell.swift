/// One cell of the paper's evaluation: a model on some devices with a method.
package struct PaperCell: Sendable, Hashable, CustomStringConvertible {
    package let model: String
    package let device: String
    package let devices: Int
    package let method: PaperMethod
    /// The link between the devices; nil: that of the device.
    package let link: String?

    package init(model: String, device: String, devices: Int, method: PaperMethod, link: String? = nil) {
        self.model = model
        self.device = device
        self.devices = devices
        self.method = method
        self.link = link
    }

    package var cluster: String { "\(devices)x\(device)" + (link.map { "@\($0)" } ?? "") }
    package var description: String { "\(model) on \(cluster), \(method.rawValue)" }

    /// The two kinds of node and the models that were served on each.
    package static let nodes: [(device: String, models: [String])] = [
        ("L20", ["Llama-2-13B", "Qwen2.5-32B"]), ("A100-80G-PCIe", ["Qwen2.5-32B", "Llama-2-70B"]),
    ]
    package static let deviceCounts = [1, 2, 4]

    /// All cells: node by node, model by model, count by count, and then the nodes whose devices share a PCIe root.
    package static let all: [PaperCell] =
        nodes.flatMap { node in
            node.models.flatMap { model in
                deviceCounts.flatMap { count in
                    PaperMethod.allCases.map {
                        PaperCell(model: model, device: node.device, devices: count, method: $0)
                    }
                }
            }
        } + onSharedRoot

    /// Tensor parallelism and TD-Pipe with all devices on one PCIe root, to see how much rests on the links.
    private static let onSharedRoot: [PaperCell] = nodes.flatMap { node in
        node.models.flatMap { model in
            PaperMethod.allCases.filter { $0.isTensorParallel || $0 == .tdPipe }.map {
                PaperCell(
                    model: model, device: node.device, devices: deviceCounts.max() ?? 1, method: $0,
                    link: "pcie4-shared")
            }
        }
    }
}

/// A part of TD-Pipe that is replaced by something else, on four devices.
package struct PaperAblation: Sendable, Hashable {
    /// The part: greedy prefill, work stealing, the switch, the predictor.
    package let part: String
    package let label: String
    /// Options of the td-pipe policy, as on the command line.
    let options: String
    /// The predictor in the form that `PredictorChoice` reads; nil: class means, as in the evaluation.
    let predictor: String?
    let predictionError: Double

    private init(_ part: String, _ label: String, options: String = "", predictor: String? = nil, error: Double = 0) {
        self.part = part
        self.label = label
        self.options = options
        self.predictor = predictor
        predictionError = error
    }

    package static let all: [PaperAblation] =
        [0.5, 0.6, 0.7, 0.8, 0.9, 1.0].map {
            PaperAblation(
                "greedy prefill", "until \(Int($0 * 100)) % of the pool is used", options: "greedy=fixed:\($0)")
        } + [PaperAblation("work stealing", "off", options: "stealing=off")]
        + [0.2, 0.4, 0.6, 0.8].map {
            PaperAblation("switch", "when \(Int($0 * 100)) % have finished", options: "switch=fixed:\($0)")
        } + [
            PaperAblation("switch", "as the released code compares", options: "switch=released"),
            PaperAblation("switch", "by the marginal rate", options: "switch=marginal"),
            PaperAblation("predictor", "the true lengths", predictor: "oracle"),
            PaperAblation("predictor", "class means with an error of 0.5", predictor: "class-means", error: 0.5),
            PaperAblation("predictor", "256 tokens for all", predictor: "constant:256"),
        ]
}
