/// The version of Unicode of a reference's tables. In such tables a later character is unassigned.
struct UnicodeVersion {
    let major: Int

    /// The version of the reference's general categories.
    static let eight = UnicodeVersion(major: 8)
    /// The version of the reference's normalisation.
    static let nine = UnicodeVersion(major: 9)

    /// Whether the version has the character.
    func has(_ scalar: Unicode.Scalar) -> Bool {
        guard let age = scalar.properties.age else { return false }
        return age.major <= major
    }
}
