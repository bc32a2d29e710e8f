/// Equal devices in equal hosts, and the links between them.
public struct Cluster: Sendable, Hashable {
    /// The name in messages and reports.
    public let name: String
    public let device: Hardware
    public let devicesPerHost: Int
    public let hosts: Int
    /// The link between the devices of a host.
    public let link: LinkKind
    /// The link between the hosts; nil if there is only one host.
    public let hostLink: LinkKind?

    public var devices: Int { devicesPerHost * hosts }

    private static let limit = 1024

    /// - Parameter name: the name of the cluster in messages and reports.
    /// - Throws: `invalid_setting` for counts outside 1...1024, and for several hosts without a link.
    public init(
        name: String, device: Hardware, devicesPerHost: Int, link: LinkKind? = nil, hosts: Int = 1,
        hostLink: LinkKind? = nil
    ) throws(SimulationError) {
        for (count, what) in [(devicesPerHost, "devices a host"), (hosts, "hosts")] where !(1...Self.limit ~= count) {
            throw SimulationError(
                .invalidSetting, "cluster '\(name)' has \(count) \(what); 1...\(Self.limit) are possible")
        }
        guard hosts == 1 || hostLink != nil else {
            throw SimulationError(.invalidSetting, "cluster '\(name)' has \(hosts) hosts and no link between them")
        }
        self.name = name
        self.device = device
        self.devicesPerHost = devicesPerHost
        self.hosts = hosts
        self.link = link ?? device.link
        self.hostLink = hosts == 1 ? nil : hostLink
    }

    /// Reads `4xL20`, `4xA100-80G-PCIe@pcie4-shared`, or with hosts `2x(4xL20@pcie4)@100gbe`. A count may be left out;
    /// without a link, devices are joined by the link that the catalogue gives them.
    /// - Throws: `malformed_text` for another form, `unknown_name` for a device or link that the catalogue does not
    ///   have.
    public init(_ text: String, from catalogue: Catalogue = .standard) throws(SimulationError) {
        let whole = text.filter { !$0.isWhitespace }
        var inner = whole[...]
        var hosts = 1
        var hostLink: LinkKind?
        if let open = whole.firstIndex(of: "("), let close = whole.lastIndex(of: ")"), open < close {
            let before = whole[..<open]
            let after = whole[whole.index(after: close)...]
            guard before.last == "x", let count = Int(before.dropLast()), after.isEmpty || after.first == "@" else {
                throw Self.malformed(text)
            }
            hosts = count
            hostLink = after.isEmpty ? nil : try catalogue.link(named: String(after.dropFirst()))
            inner = whole[whole.index(after: open)..<close]
        }
        let parts = inner.split(separator: "@", omittingEmptySubsequences: false)
        guard 1...2 ~= parts.count, !parts[0].isEmpty else { throw Self.malformed(text) }
        let link = parts.count == 1 ? nil : try catalogue.link(named: String(parts[1]))
        var device = parts[0]
        var count = 1
        let digits = device.prefix { $0.isASCII && $0.isNumber }
        if !digits.isEmpty, device.dropFirst(digits.count).first == "x" {
            guard let number = Int(digits) else { throw Self.malformed(text) }
            count = number
            device = device.dropFirst(digits.count + 1)
        }
        try self.init(
            name: whole, device: try catalogue.device(named: String(device)), devicesPerHost: count, link: link,
            hosts: hosts, hostLink: hostLink)
    }

    private static func malformed(_ text: String) -> SimulationError {
        SimulationError(
            .malformedText, "the cluster '\(text)' is not of the form 4xL20, 4xL20@pcie4 or 2x(4xL20@pcie4)@100gbe")
    }

    /// The host of a device; hosts are filled one after the other.
    func host(ofDevice device: Int) -> Int { device / devicesPerHost }
}
