//! Names of files that the page may give. Which folder they go into is the program's to say.

use crate::{ErrorCode, WireError};

/// Most characters.
const MOST: usize = 100;

/// Devices, and no files, on Windows: whatever ending is behind them.
const DEVICES: [&str; 4] = ["CON", "PRN", "AUX", "NUL"];

/// The name of a file, and nothing else: it leads to no other folder, is hidden nowhere, and cannot be taken for an option, a
/// device or a program. Whoever commands the page can give any text.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct FileName(String);

impl FileName {
    /// From what the page gave; it has to end as this form of file does.
    ///
    /// # Errors
    /// [`ErrorCode::Invalid`], with what is wrong with it.
    pub(crate) fn with_ending(name: &str, ending: &str) -> Result<Self, WireError> {
        let invalid = |why: &str| {
            let hint = format!(
                "name it with letters, digits, spaces, `-`, `_` and dots, a letter or digit first and .{ending} at the end"
            );
            Err(WireError::new(
                ErrorCode::Invalid,
                format!("`{}` {why}", model::text::fitted(name, MOST)),
                hint,
            ))
        };
        if name.chars().count() > MOST {
            return invalid("is too long for the name of a file");
        }
        let fits = |letter: char| letter.is_alphabetic() || letter.is_ascii_digit();
        if !name.chars().all(|letter| fits(letter) || " -_.".contains(letter)) || !name.starts_with(fits) {
            return invalid("cannot be the name of a file here");
        }
        let Some(stem) = name.strip_suffix(ending).and_then(|before| before.strip_suffix('.')) else {
            return invalid("ends otherwise than such a file");
        };
        let first = stem.split('.').next().unwrap_or_default().trim_end().to_uppercase();
        let port = |word: &str| {
            first.strip_prefix(word).is_some_and(|rest| matches!(rest.as_bytes(), [b'0'..=b'9']))
        };
        if DEVICES.contains(&first.as_str()) || port("COM") || port("LPT") {
            return invalid("is a device on Windows");
        }
        Ok(Self(name.to_owned()))
    }

    /// The name.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_leads_nowhere_else() {
        for name in [
            "",
            ".html",
            ".zshenv",
            ".hidden.html",
            "-rf.html",
            " x.html",
            "/root/x.html",
            "../x.html",
            "a/x.html",
            "a\\x.html",
            "C:x.html",
            "x.html:stream",
            "x\0.html",
            "x\n.html",
            "x\u{202e}.html",
            "x$(id).html",
            "x.html ",
            "x.html.",
            "x.sh",
            "x.csv",
            "x.HTML",
            "html",
            "xhtml",
            "con.html",
            "NUL.tar.html",
            "aux .html",
            "Com1.html",
            "lpt0.html",
        ] {
            let refused = FileName::with_ending(name, "html").unwrap_err();
            assert_eq!(refused.code, ErrorCode::Invalid, "{name:?}");
            assert!(refused.hint.is_some_and(|hint| hint.contains(".html")), "{name:?}");
        }
        let long = format!("{}.html", "x".repeat(MOST));
        assert!(FileName::with_ending(&long, "html").is_err());
    }

    #[test]
    fn a_name_that_people_give_is_taken_as_it_is() {
        for name in ["evidence.html", "case 4711-26.html", "Müller_2.x.html", "console.html", "com10.html"] {
            assert_eq!(FileName::with_ending(name, "html").unwrap().as_str(), name);
        }
    }
}
