//! Why something is opened: a case number or a sentence, which stays in the audit log.

/// Characters that a reason may have. It is read in a table and printed on one line; what is longer belongs into the case.
pub const LONGEST_REASON: usize = 500;

/// The reason as it is recorded.
///
/// # Errors
/// The sentence for whoever gave none, or too long a one.
pub fn checked_reason(given: &str) -> Result<&str, String> {
    let reason = given.trim();
    if reason.is_empty() {
        return Err(
            "a recovery needs a reason, such as a case number; it is recorded in the audit log".to_owned()
        );
    }
    let length = reason.chars().count();
    if length > LONGEST_REASON {
        return Err(format!(
            "the reason has {length} characters, and may have {LONGEST_REASON}: give the number of the case in place of its story"
        ));
    }
    Ok(reason)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_reason_says_something_and_not_too_much() {
        assert_eq!(checked_reason(" case 42\n"), Ok("case 42"));
        assert!(checked_reason(" \t").unwrap_err().contains("needs a reason"));
        let longest = "ß".repeat(LONGEST_REASON);
        assert_eq!(checked_reason(&longest), Ok(longest.as_str()), "characters count, not octets");
        let refused = checked_reason(&format!("{longest}.")).unwrap_err();
        assert!(refused.contains("501 characters") && refused.contains("may have 500"), "{refused}");
    }
}
