//! Every command of our own that a text names has to be one: a hint with a flag that was renamed sends people into a wall.
//!
//! Collected are commands between backticks in the sources and in the page's messages, and in the documents those in blocks of
//! code as well. Each is read by the program's real definition, with something sensible in place of what stands for something.

use std::fs;
use std::path::{Path, PathBuf};

use clap::error::ErrorKind;
use clap::{CommandFactory as _, Parser as _};

use super::arguments::Arguments;

/// What words in capitals stand for. Everything else is tried as each of [`SAMPLES`].
const NAMED: [(&str, &str); 9] = [
    ("FINGERPRINT", FINGERPRINT),
    ("REQUEST", ID),
    ("THUMBPRINT", THUMBPRINT),
    ("FINDING", ID),
    ("N", "3"),
    ("M", "2"),
    ("K", "2"),
    ("URL", "mysql://sealwright@db.example.com/sealwright"),
    ("OFFICER=FILE", "Anna=anna.pem"),
];
const ID: &str = "0197a000-0000-7000-8000-000000000001";
const FINGERPRINT: &str = "00112233445566778899aabbccddeeff";
const THUMBPRINT: &str = "00112233445566778899aabbccddeeff00112233";
const SAMPLES: [&str; 6] = ["file.p12", ID, FINGERPRINT, THUMBPRINT, "3", "name=file"];

/// What stands before a signed statement looks like a command and is none.
const NO_COMMANDS: [&str; 2] = ["sealwright kra set 1", "sealwright kra set 2"];

/// Where a command was found.
struct Hint {
    place: String,
    words: Vec<String>,
}

fn root() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
}

fn files(folder: &Path, ending: &str, found: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        let name = path.file_name().unwrap().to_str().unwrap().to_owned();
        if path.is_dir() && !["tests", "target", "node_modules"].contains(&name.as_str()) {
            files(&path, ending, found);
        } else if name.ends_with(ending) && name != "tests.rs" && name != "hints.rs" {
            found.push(path);
        }
    }
}

/// A source's texts as people read them: lines that the compiler joins are joined, and what is escaped is not.
fn as_read(source: &str) -> String {
    let mut text = String::new();
    let mut goes_on = false;
    for line in source.lines() {
        let trimmed = line.trim_start();
        let comment = trimmed.strip_prefix("///").or_else(|| trimmed.strip_prefix("//!"));
        if let Some(comment) = comment {
            // A blank line ends a paragraph, and with it whatever stands between backticks.
            text.push_str(if comment.trim().is_empty() { "\n" } else { comment });
            continue;
        }
        text.push_str(if goes_on { trimmed } else { "\n" });
        if !goes_on {
            text.push_str(line);
        }
        goes_on = line.ends_with('\\');
        if goes_on {
            text.pop();
        }
    }
    text.replace("\\\"", "\"")
}

/// What stands between backticks.
fn quoted(text: &str) -> Vec<String> {
    let mut found = Vec::new();
    for paragraph in text.lines() {
        let parts: Vec<&str> = paragraph.split('`').collect();
        found.extend(parts.iter().skip(1).step_by(2).map(|part| (*part).to_owned()));
    }
    found
}

/// Lines of blocks of code that begin with the program's name.
fn in_blocks(text: &str) -> Vec<String> {
    let mut is_inside = false;
    let mut found = Vec::new();
    for line in text.lines() {
        if line.trim_start().starts_with("```") {
            is_inside = !is_inside;
        } else if is_inside {
            let line = line.trim_start().trim_start_matches("$ ");
            let line = &without_angles(line);
            let line = line.split(" #").next().unwrap_or(line);
            let line = line.split(['|', '>', '&', ';']).next().unwrap_or(line);
            found.extend(line.starts_with("sealwright ").then(|| line.to_owned()));
        }
    }
    found
}

/// `<object id>` stands for one word.
fn without_angles(line: &str) -> String {
    let mut text = line.to_owned();
    while let Some((start, end)) =
        text.find('<').and_then(|start| Some((start, start + text[start..].find('>')?)))
    {
        text.replace_range(start..=end, "ID");
    }
    text
}

fn words(text: &str) -> Vec<String> {
    let mut words = Vec::new();
    let mut word = String::new();
    let mut quote = None;
    for letter in text.chars() {
        match (quote, letter) {
            (None, '"' | '\'') => quote = Some(letter),
            (Some(open), letter) if open == letter => quote = None,
            (None, letter) if letter.is_whitespace() => {
                if !word.is_empty() {
                    words.push(std::mem::take(&mut word));
                }
            }
            (_, letter) => word.push(letter),
        }
    }
    words.extend((!word.is_empty()).then_some(word));
    words
}

/// The command that a text names: by the program's name, or by a command and one that it has.
fn command(text: &str) -> Option<Vec<String>> {
    let mut words = words(text.trim());
    if NO_COMMANDS.contains(&text.trim()) {
        return None;
    }
    if words.first()? == "sealwright" {
        // `sealwright …`: any of them.
        return (words.len() > 1 && words[1] != "…").then_some(words);
    }
    let definition = Arguments::command();
    let own = definition.find_subcommand(words.first()?)?;
    own.find_subcommand(words.get(1)?)?;
    words.insert(0, "sealwright".to_owned());
    Some(words)
}

fn hints() -> Vec<Hint> {
    let mut found = Vec::new();
    let mut add = |path: &Path, texts: Vec<String>| {
        let place = path.strip_prefix(root()).unwrap().display().to_string();
        let commands = texts.iter().filter_map(|text| command(text));
        found.extend(commands.map(|words| Hint { place: place.clone(), words }));
    };
    let (mut sources, mut messages, mut documents) = (Vec::new(), Vec::new(), Vec::new());
    files(&root().join("src-tauri"), ".rs", &mut sources);
    files(&root().join("ui/src/messages"), ".ts", &mut messages);
    files(&root().join("docs"), ".md", &mut documents);
    documents.push(root().join("README.md"));
    for path in sources.iter().chain(&messages) {
        add(path, quoted(&as_read(&fs::read_to_string(path).unwrap())));
    }
    for path in &documents {
        let text = fs::read_to_string(path).unwrap();
        add(path, quoted(&text));
        add(path, in_blocks(&text));
    }
    found
}

/// Whether a word stands for something that people know better.
fn stands_for_something(word: &str) -> bool {
    let is_capitals = word.chars().any(char::is_uppercase) && !word.chars().any(char::is_lowercase);
    is_capitals || word.contains(['{', '…', '<'])
}

/// What the program makes of a command, with every word that stands for something replaced.
fn read(words: &[String], sample: &str) -> Result<(), clap::Error> {
    let mut typed: Vec<String> = words.to_vec();
    // `kra set …`: and what belongs to it; a flag's value is left out in the same way.
    let is_more = |at: usize| words[at] == "…" && !words[at - 1].starts_with('-');
    let mut at = 0;
    typed.retain(|_| {
        at += 1;
        at == 1 || !is_more(at - 1)
    });
    let lacks_value = |typed: &[String]| {
        let read = Arguments::try_parse_from(typed);
        read.is_err_and(|error| error.kind() == ErrorKind::InvalidValue)
    };
    if typed.last().is_some_and(|word| word.starts_with("--")) && lacks_value(&typed) {
        // `recovery open --kra`: with its value.
        typed.push("VALUE".to_owned());
    }
    for word in &mut typed {
        if let Some((_, named)) = NAMED.iter().find(|(name, _)| name == word) {
            (*named).clone_into(word);
        } else if word.starts_with("https://") {
            *word = "https://v.vault.azure.net/keys/kra/00112233445566778899aabbccddeeff".to_owned();
        } else if word.starts_with("pkcs11:") {
            *word = "pkcs11:token=Anna;object=kra".to_owned();
        } else if word.starts_with("cert:") {
            *word = word.replace("THUMBPRINT", THUMBPRINT);
        } else if stands_for_something(word) {
            sample.clone_into(word);
        }
    }
    match Arguments::try_parse_from(&typed) {
        Ok(_) => Ok(()),
        // A text may name a command without all that it takes.
        Err(error) if error.kind() == ErrorKind::InvalidSubcommand && is_one_of_several(words) => Ok(()),
        Err(error)
            if matches!(
                error.kind(),
                ErrorKind::MissingRequiredArgument
                    | ErrorKind::MissingSubcommand
                    | ErrorKind::DisplayHelp
                    | ErrorKind::DisplayHelpOnMissingArgumentOrSubcommand
                    | ErrorKind::DisplayVersion
            ) =>
        {
            Ok(())
        }
        Err(error) => Err(error),
    }
}

/// `tenant use {command}`: which one it is, is known when it is said.
fn is_one_of_several(words: &[String]) -> bool {
    words.last().is_some_and(|word| word.starts_with('{'))
}

fn wrong(hint: &Hint) -> Option<String> {
    let mut last = None;
    for sample in SAMPLES {
        match read(&hint.words, sample) {
            Ok(()) => return None,
            Err(error) => last = Some(error),
        }
    }
    let why = last.map(|error| error.to_string()).unwrap_or_default();
    Some(format!("{}: `{}`: {}", hint.place, hint.words.join(" "), why.lines().next().unwrap_or_default()))
}

#[test]
fn every_command_that_a_text_names_is_one_of_the_program() {
    let hints = hints();
    assert!(hints.len() > 300, "{} are there: the search found too little", hints.len());
    let wrong: Vec<String> = hints.iter().filter_map(wrong).collect();
    assert!(wrong.is_empty(), "{} of {}:\n{}", wrong.len(), hints.len(), wrong.join("\n"));
}

#[test]
fn a_flag_or_a_command_that_is_none_is_found_wherever_a_text_breaks() {
    let source = "    \"run `sealwright kra set \\\n         sign --kee KEY` here\",\n/// as `sealwright\n/// kra lists` does";
    let found: Vec<Vec<String>> = quoted(&as_read(source)).iter().filter_map(|text| command(text)).collect();
    assert_eq!(
        found,
        [vec!["sealwright", "kra", "set", "sign", "--kee", "KEY"], vec!["sealwright", "kra", "lists"]]
    );
    for words in found {
        assert!(wrong(&Hint { place: "here".to_owned(), words: words.clone() }).is_some(), "{words:?}");
    }
    for right in ["sealwright kra set sign --kra KEY", "recovery approve {id} --kra https://…", "kra set …"]
    {
        let words = command(right).unwrap();
        assert_eq!(wrong(&Hint { place: "here".to_owned(), words }), None, "{right}");
    }
}
