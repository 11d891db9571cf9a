//! The string literals of this crate's own sources, to find statements that no test has heard.

use std::path::{Path, PathBuf};

/// A string literal and the file that it stands in, named from `src`.
pub(super) struct Literal {
    pub(super) file: String,
    pub(super) text: String,
}

/// All literals outside tests. Modules that exist only for tests are left out, and so is whatever comes behind the tests
/// at the end of a file.
pub(super) fn literals() -> Vec<Literal> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let mut found = Vec::new();
    let mut folders = vec![root.clone()];
    while let Some(folder) = folders.pop() {
        let entries = std::fs::read_dir(&folder).unwrap().map(|entry| entry.unwrap().path());
        let entries: Vec<PathBuf> = entries.collect();
        let declares = ["mod.rs", "lib.rs"].map(|name| std::fs::read_to_string(folder.join(name)));
        let for_tests: Vec<String> =
            declares.into_iter().flatten().flat_map(|text| modules_for_tests(&text)).collect();
        for path in entries {
            let stem = path.file_stem().unwrap().to_str().unwrap();
            // Tests in a file of their own are declared beside what they test.
            if stem.ends_with("_tests") || for_tests.iter().any(|module| module == stem) {
                continue;
            }
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|extension| extension == "rs") {
                let text = std::fs::read_to_string(&path).unwrap();
                let text = before_tests(&text);
                let file = path.strip_prefix(&root).unwrap().to_str().unwrap().replace('\\', "/");
                found.extend(in_source(text).into_iter().map(|text| Literal { file: file.clone(), text }));
            }
        }
    }
    found
}

fn before_tests(source: &str) -> &str {
    let begins = ["mod tests", "pub(super) mod tests", "pub(crate) mod tests"];
    let found = begins.iter().filter_map(|begin| source.find(&format!("#[cfg(test)]\n{begin} {{")));
    found.min().map_or(source, |end| &source[..end])
}

/// The names behind `#[cfg(test)]` and other attributes.
fn modules_for_tests(source: &str) -> Vec<String> {
    let mut names = Vec::new();
    let mut is_for_tests = false;
    for line in source.lines() {
        if line == "#[cfg(test)]" {
            is_for_tests = true;
        } else if !line.starts_with("#[") {
            let name = line.trim_start_matches("pub(crate) ").strip_prefix("mod ");
            if let Some(name) = name.filter(|_| is_for_tests) {
                names.push(name.trim_end_matches(';').to_owned());
            }
            is_for_tests = false;
        }
    }
    names
}

/// The literals of a source in their order. A backslash at the end of a line takes the indentation of the next with it.
fn in_source(source: &str) -> Vec<String> {
    let mut literals = Vec::new();
    let mut rest = source;
    while let Some(first) = rest.chars().next() {
        let length = if rest.starts_with("//") {
            rest.find('\n').unwrap_or(rest.len())
        } else if rest.starts_with("r\"") || rest.starts_with("r#\"") {
            let hashes = rest[1..].find('"').unwrap_or_default();
            let end = format!("\"{}", "#".repeat(hashes));
            let body = &rest[hashes + 2..];
            let length = body.find(&end).unwrap_or(body.len());
            literals.push(body[..length].to_owned());
            hashes + 2 + length + end.len()
        } else if first == '"' {
            let (text, length) = quoted(rest);
            literals.push(text);
            length
        } else if first == '\'' {
            character(rest)
        } else if first.is_alphanumeric() || first == '_' {
            rest.find(|char: char| !(char.is_alphanumeric() || char == '_')).unwrap_or(rest.len())
        } else {
            first.len_utf8()
        };
        rest = &rest[length.min(rest.len())..];
    }
    literals
}

/// The text between the quotes, and the length with them.
fn quoted(source: &str) -> (String, usize) {
    let mut text = String::new();
    let mut chars = source.char_indices().skip(1);
    while let Some((at, char)) = chars.next() {
        match char {
            '"' => return (text, at + 1),
            '\\' => match chars.next().map(|(_, escaped)| escaped) {
                Some('n') => text.push('\n'),
                Some('\n') => {
                    let indent = source[at + 2..].chars().take_while(|char| char.is_whitespace()).count();
                    for _ in 0..indent {
                        chars.next();
                    }
                }
                Some(escaped) => text.push(escaped),
                None => {}
            },
            _ => text.push(char),
        }
    }
    (text, source.len())
}

/// Length of a character such as `'"'`; of a lifetime only its tick.
fn character(source: &str) -> usize {
    let mut chars = source.char_indices().skip(1);
    match (chars.next(), chars.next()) {
        (Some((_, '\\')), Some((at, escaped))) => {
            let behind = at + escaped.len_utf8();
            source[behind..].find('\'').map_or(1, |end| behind + end + 1)
        }
        (Some(_), Some((at, '\''))) => at + 1,
        _ => 1,
    }
}

#[test]
fn literals_are_found_where_they_are_and_nowhere_else() {
    let source = "// \"no\"\nlet a = ['\"', '\\'', 'x']; fn f<'a>(b: &'a str) { g(\"one\\\n     two \\\"{}\\\"\", r#\"raw \"3\"\"#) }";
    assert_eq!(in_source(source), ["onetwo \"{}\"", "raw \"3\""]);
    let found = literals();
    assert!(found.iter().any(|one| one.file == "job.rs" && one.text.starts_with("SELECT")));
    assert!(!found.iter().any(|one| one.file.ends_with("_tests.rs") || one.file == "query_plans.rs"));
    assert!(!found.iter().any(|one| one.text == "why? it''s {now}, LIMIT ?"), "tests within a file");
}
