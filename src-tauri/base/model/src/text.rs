//! Texts that somebody else chose, on their way to a terminal, a log or a column.

/// Whether nobody sees the character, and it does something all the same: control characters, separators of lines, marks
/// that turn the direction of text or have no width, the byte order mark, tags. Not the joiners, which scripts and pictures need.
pub fn is_hidden(letter: char) -> bool {
    letter.is_control()
        || matches!(letter, '\u{ad}' | '\u{61c}' | '\u{180e}' | '\u{200b}' | '\u{200e}'..='\u{200f}' | '\u{2028}'..='\u{202e}')
        || matches!(letter, '\u{2060}'..='\u{206f}' | '\u{feff}' | '\u{e0000}'..='\u{e007f}')
}

/// The same text with a mark in place of every hidden character: it moves no cursor, begins no line, turns no direction.
pub fn printable(text: &str) -> String {
    text.chars().map(|letter| if is_hidden(letter) { char::REPLACEMENT_CHARACTER } else { letter }).collect()
}

/// As [`printable`], and no longer than `most` UTF-16 units, in lower case neither: databases count and compare in many
/// ways. What is cut off ends in `…`.
pub fn fitted(text: &str, most: usize) -> String {
    // Lower case has at most three characters for one.
    let units = |letter: char| {
        let lower: usize = letter.to_lowercase().map(char::len_utf16).sum();
        lower.max(letter.len_utf16())
    };
    let text = printable(text);
    if text.chars().map(units).sum::<usize>() <= most {
        return text;
    }
    let mut left = most.saturating_sub(1);
    let mut cut = String::new();
    for letter in text.chars() {
        match left.checked_sub(units(letter)) {
            Some(rest) => left = rest,
            None => break,
        }
        cut.push(letter);
    }
    cut + "…"
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_others_wrote_moves_no_cursor_and_turns_no_direction() {
        assert_eq!(
            printable("a\x1b[2Jb\r\nc\u{202e}d\u{9b}e"),
            "a\u{fffd}[2Jb\u{fffd}\u{fffd}c\u{fffd}d\u{fffd}e"
        );
        assert_eq!(printable("Jörg 🌻 \u{200d}"), "Jörg 🌻 \u{200d}");
        // Names that look alike and are not.
        for unseen in ['\u{200b}', '\u{2060}', '\u{ad}', '\u{61c}', '\u{e0041}'] {
            assert_eq!(printable(&format!("an{unseen}na")), "an\u{fffd}na");
        }
    }

    #[test]
    fn long_texts_are_cut_so_that_they_fit_in_any_case_and_encoding() {
        assert_eq!(fitted("short", 5), "short");
        assert_eq!(fitted("longer", 5), "long…");
        for text in ["x".repeat(1000), "İ".repeat(1000), "🌻".repeat(1000)] {
            let cut = fitted(&text, 320);
            assert!(cut.encode_utf16().count() <= 320 && cut.to_lowercase().encode_utf16().count() <= 320);
            assert!(cut.chars().count() > 150, "{cut}");
        }
    }
}
