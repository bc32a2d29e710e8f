import ModelFiles

/// Opens the bytes as a safetensors file, and reads everything in it if it opens. libFuzzer calls this once an input.
@_cdecl("LLVMFuzzerTestOneInput")
public func fuzzOneInput(_ start: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
    let bytes = [UInt8](UnsafeBufferPointer(start: start, count: count))
    guard let file = try? SafetensorsFile(bytes: bytes) else { return 0 }
    var total = 0
    for tensor in file.tensors {
        guard let view = try? file.tensor(named: tensor.name) else { fatalError("\(tensor) cannot be found") }
        total += view.withUnsafeBytes { $0.count }
        if let floats = try? view.floats(), floats.count != tensor.elementCount {
            fatalError("\(tensor) gives \(floats.count) floats")
        }
    }
    guard total < file.byteCount else { fatalError("the tensors have \(total) bytes of \(file.byteCount)") }
    return 0
}
