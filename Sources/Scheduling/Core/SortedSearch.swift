extension RandomAccessCollection where Index == Int {
    /// The first index whose element, and all after it, are beyond a bound; the end if none is. Takes a binary search.
    /// - Parameter isBeyond: false for the elements of a beginning, true for all others.
    func sortedIndex(where isBeyond: (Element) -> Bool) -> Int {
        var low = startIndex
        var high = endIndex
        while low < high {
            let middle = low + (high - low) / 2
            if isBeyond(self[middle]) { high = middle } else { low = middle + 1 }
        }
        return low
    }
}
