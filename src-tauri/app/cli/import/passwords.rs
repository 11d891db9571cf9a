//! The list of passwords beside a folder of PKCS#12 files: a CSV file with the columns `file` and `password`.
//!
//! Spreadsheets write it in many ways: separated by commas, semicolons or tabs, with a byte order mark, with CRLF, with
//! quotes. Names of files are compared as people read them, whichever way an accent is put together.

use std::collections::BTreeMap;
use std::iter::Peekable;
use std::str::Chars;

use unicode_normalization::UnicodeNormalization as _;
use zeroize::Zeroizing;

/// The name of the row whose password is for all files without a row of their own.
const ALL_OTHERS: &str = "*";

/// A list of thousands of files has some hundred kilobytes.
const LARGEST_FILE: usize = 16 << 20;

/// Passwords by file name.
pub(super) struct Passwords {
    rows: BTreeMap<String, Zeroizing<String>>,
    others: Option<Zeroizing<String>>,
}

impl Passwords {
    /// Reads the list. An error names the line and never what is in it.
    pub(super) fn read(bytes: &[u8]) -> Result<Self, String> {
        if bytes.len() > LARGEST_FILE {
            return Err(format!("it has {} bytes; a list of passwords is far smaller", bytes.len()));
        }
        let text = std::str::from_utf8(bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes))
            .map_err(|_| "it is not UTF-8 text; save it as \u{201c}CSV UTF-8\u{201d}".to_owned())?;
        let heading = text.lines().next().unwrap_or_default();
        let separator = [',', ';', '\t'].into_iter().find(|one| heading.contains(*one));
        let separator = separator.ok_or("its first line must be: file,password")?;
        let mut records = records(text, separator)?.into_iter();
        let (_, names) = records.next().ok_or("its first line must be: file,password")?;
        let column = |wanted: &str| {
            let at = names.iter().position(|name| name.trim().eq_ignore_ascii_case(wanted));
            at.ok_or_else(|| format!("its first line names no column `{wanted}`; it must be: file,password"))
        };
        let (file, password) = (column("file")?, column("password")?);
        let mut found = Self { rows: BTreeMap::new(), others: None };
        for (line, mut fields) in records {
            if fields.len() != names.len() {
                return Err(format!(
                    "line {line} has {} columns, not {}; put a password that holds `{separator}` into quotes",
                    fields.len(),
                    names.len()
                ));
            }
            let secret = std::mem::take(&mut fields[password]);
            let name = fields[file].trim();
            if name.is_empty() {
                return Err(format!("line {line} names no file"));
            }
            let earlier = if name == ALL_OTHERS {
                found.others.replace(secret)
            } else {
                found.rows.insert(name.nfc().collect(), secret)
            };
            if earlier.is_some() {
                return Err(format!("line {line} gives a second password for `{name}`"));
            }
        }
        Ok(found)
    }

    /// The password of a file: by its own row, in any case if need be, or by the row `*`.
    pub(super) fn of(&self, file: &str) -> Option<&Zeroizing<String>> {
        self.row_of(file).and_then(|name| self.rows.get(name)).or(self.others.as_ref())
    }

    /// The row of a file.
    fn row_of(&self, file: &str) -> Option<&String> {
        let name: String = file.nfc().collect();
        let lower = name.to_lowercase();
        let exact = self.rows.keys().find(|row| **row == name);
        exact.or_else(|| self.rows.keys().find(|row| row.to_lowercase() == lower))
    }

    /// Rows that are about none of these files.
    pub(super) fn without_file<'a>(&'a self, files: &[String]) -> Vec<&'a str> {
        let used: Vec<&String> = files.iter().filter_map(|file| self.row_of(file)).collect();
        self.rows.keys().filter(|row| !used.contains(row)).map(String::as_str).collect()
    }
}

/// Fields of one line, with the line's number.
type Record = (usize, Vec<Zeroizing<String>>);

/// Lines and fields (RFC 4180); lines without anything are left out.
fn records(text: &str, separator: char) -> Result<Vec<Record>, String> {
    let mut records: Vec<Record> = Vec::new();
    let mut fields: Vec<Zeroizing<String>> = Vec::new();
    // As large as it can become, so that no copy of a password stays behind when it grows.
    let longest = text.lines().map(str::len).max().unwrap_or_default();
    let empty = || Zeroizing::new(String::with_capacity(longest));
    let mut field = empty();
    let (mut line, mut began) = (1, 1);
    let (mut quoted, mut was_quoted) = (false, false);
    let mut rest = text.chars().peekable();
    while let Some(character) = rest.next() {
        if character == '\n' {
            line += 1;
        }
        match character {
            '"' if quoted && rest.peek() == Some(&'"') => {
                rest.next();
                field.push('"');
            }
            '"' if quoted => quoted = false,
            '"' if field.is_empty() && !was_quoted => {
                // What is quoted may have many lines; behind it there can be the rest of one.
                field = Zeroizing::new(String::with_capacity(quoted_length(rest.clone()) + longest));
                (quoted, was_quoted) = (true, true);
            }
            _ if quoted => field.push(character),
            '\r' if rest.peek() == Some(&'\n') => {}
            '\n' => {
                fields.push(std::mem::replace(&mut field, empty()));
                let ended = std::mem::take(&mut fields);
                if ended.len() > 1 || ended.iter().any(|one| !one.trim().is_empty()) {
                    records.push((began, ended));
                }
                (was_quoted, began) = (false, line);
            }
            _ if character == separator => {
                fields.push(std::mem::replace(&mut field, empty()));
                was_quoted = false;
            }
            _ => field.push(character),
        }
    }
    if quoted {
        return Err(format!("a quote that is opened in line {began} is never closed"));
    }
    fields.push(field);
    if fields.len() > 1 || fields.iter().any(|one| !one.trim().is_empty()) {
        records.push((began, fields));
    }
    Ok(records)
}

/// Octets up to the end of a quoted field, or of everything.
fn quoted_length(mut rest: Peekable<Chars<'_>>) -> usize {
    let mut length = 0;
    while let Some(character) = rest.next() {
        if character == '"' && rest.next_if_eq(&'"').is_none() {
            break;
        }
        length += character.len_utf8();
    }
    length
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(text: &str, file: &str) -> Option<String> {
        Passwords::read(text.as_bytes()).unwrap().of(file).map(|password| password.as_str().to_owned())
    }

    #[test]
    fn spreadsheets_of_all_kinds_are_read() {
        for text in [
            "file,password\na.pfx,pässword\n",
            "\u{feff}file;password\r\na.pfx;pässword\r\n",
            "Password\tFile\npässword\ta.pfx",
            "file,password\n\"a.pfx\",\"pässword\"\n\n",
            "file,note,password\na.pfx,\"two\nlines\",pässword\n",
        ] {
            assert_eq!(of(text, "a.pfx").as_deref(), Some("pässword"), "{text:?}");
        }
        assert_eq!(of("file,password\na.pfx,\"a\"\"b,c\"\n", "a.pfx").as_deref(), Some("a\"b,c"));
        assert_eq!(
            of("file,password\na.pfx, a b \n", "a.pfx").as_deref(),
            Some(" a b "),
            "spaces belong to it"
        );
        assert_eq!(of("file,password\na.pfx,pa\"ss\n", "a.pfx").as_deref(), Some("pa\"ss"));
        assert_eq!(
            of("file,password\na.pfx,\n", "a.pfx").as_deref(),
            Some(""),
            "an empty one is a password, too"
        );
    }

    #[test]
    fn a_row_of_its_own_comes_before_the_row_for_all_others() {
        let text = "file,password\n*,common\nJörg.pfx,own\n";
        assert_eq!(of(text, "susi.pfx").as_deref(), Some("common"));
        assert_eq!(of(text, "Jörg.pfx").as_deref(), Some("own"));
        // As macOS writes the name, and as somebody typed it.
        assert_eq!(of(text, "Jo\u{308}rg.pfx").as_deref(), Some("own"));
        assert_eq!(of(text, "JÖRG.PFX").as_deref(), Some("own"));
        assert_eq!(of("file,password\na.pfx,own\n", "b.pfx"), None);
        let rows = Passwords::read(text.as_bytes()).unwrap();
        assert_eq!(rows.without_file(&["susi.pfx".to_owned()]), ["Jörg.pfx"]);
        assert!(rows.without_file(&["jörg.pfx".to_owned()]).is_empty());
    }

    #[test]
    fn a_list_that_cannot_be_read_is_told_by_its_line_and_never_by_its_passwords() {
        for (text, expected) in [
            ("", "file,password"),
            ("a.pfx secret", "file,password"),
            ("name,password\na.pfx,secret", "no column `file`"),
            ("file,passwort\na.pfx,secret", "no column `password`"),
            ("file,password\na.pfx,sec,ret", "line 2 has 3 columns"),
            ("file,password\n\na.pfx", "line 3 has 1 columns"),
            ("file,password\n ,secret", "line 2 names no file"),
            ("file,password\na.pfx,secret\na.pfx,secret2", "line 3 gives a second password"),
            ("file,password\n*,secret\n*,secret2", "line 3 gives a second password for `*`"),
            ("file,password\na.pfx,\"secret", "line 2"),
        ] {
            let refused = Passwords::read(text.as_bytes()).err().unwrap();
            assert!(refused.contains(expected), "{text:?}: {refused}");
            assert!(!refused.contains("secret"), "{refused}");
        }
        assert!(Passwords::read(b"file,password\na.pfx,p\xe4ss").err().unwrap().contains("CSV UTF-8"));
    }
}
