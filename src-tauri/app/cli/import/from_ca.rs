//! Recovery blobs fetched from the CA itself, by Microsoft's `certutil`: which certificates there are, then the blob of each.
//!
//! `certutil` speaks DCOM to the CA as whoever runs it, who needs the CA's right to issue and manage certificates. It opens
//! nothing: what it writes is encrypted to the CA's recovery agents. Elsewhere than on Windows a program that runs it there takes
//! its place. Its columns are asked for by name and read by their place, because it translates their headings.

use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use clap::{Args, ValueEnum};
use crypto::RecoveryBlob;
use model::text::{fitted, printable};
use recover::import::{Item, Material};

use super::files::{LARGEST_BLOB, contents};
use crate::cli::output::Failure;

/// Where `certutil` is when nobody says otherwise.
const CERTUTIL: &str = "certutil.exe";
/// Characters of what the program says that are repeated.
const LONGEST_WORDS: usize = 300;
/// Octets of a serial number at most (RFC 5280 section 4.1.2.2 allows 20; Windows CAs use 19).
const LONGEST_SERIAL: usize = 40;

/// A Windows CA that is asked. What is about that CA conflicts with files: clap waives what an argument requires where that
/// conflicts with something given
#[derive(Debug, Args)]
pub(in crate::cli) struct FromCa {
    /// Fetch the blobs from a Windows CA with `certutil`, in place of files: `HOST\CA NAME`, or `-` for the one that this machine
    /// knows. Whoever runs it needs the right to issue and manage certificates there
    #[arg(long = "from-ca", id = "from_ca", value_name = "CA")]
    ca: Option<String>,
    /// Only certificates of this template: its object identifier, or of the oldest kind its name
    #[arg(long, value_name = "TEMPLATE", requires = "from_ca", conflicts_with = "files")]
    template: Option<String>,
    /// Only certificates in this state
    #[arg(long, value_enum, default_value_t = State::All, requires = "from_ca", conflicts_with = "files")]
    state: State,
    /// A program in place of `certutil`, which takes its arguments: one that runs it on a Windows machine, for example
    #[arg(long, value_name = "PROGRAM", requires = "from_ca", conflicts_with = "files")]
    certutil: Option<PathBuf>,
}

/// How a request ended at the CA.
#[derive(Clone, Copy, PartialEq, Eq, Debug, ValueEnum)]
pub(in crate::cli) enum State {
    /// Issued, also when it has ended since
    Issued,
    /// Revoked since
    Revoked,
    /// Both: old mail needs the keys of either
    All,
}

impl State {
    /// The CA's own numbers (`Disposition` in its database).
    const fn dispositions(self) -> &'static [&'static str] {
        match self {
            Self::Issued => &["20"],
            Self::Revoked => &["21"],
            Self::All => &["20", "21"],
        }
    }
}

/// What was fetched.
pub(super) struct Fetched {
    pub(super) items: Vec<Item>,
    /// Certificates of which the CA gave no key, and what `certutil` said of the first.
    pub(super) without: usize,
    pub(super) said: Option<String>,
}

impl FromCa {
    /// Asks the CA, where one was named.
    pub(super) fn fetch(&self, progress: &dyn Fn(usize, usize)) -> Result<Option<Fetched>, Failure> {
        let Some(ca) = &self.ca else { return Ok(None) };
        let program = self.program()?;
        let template = self.template.as_deref().map(plain).transpose()?;
        let mut serials = Vec::new();
        for disposition in self.state.dispositions() {
            let template = template.map(|template| format!(",CertificateTemplate={template}"));
            let restriction = format!("Disposition={disposition}{}", template.unwrap_or_default());
            let listed = run(
                &program,
                &["-config", plain(ca)?, "-view", "-restrict", &restriction, "-out", "SerialNumber", "csv"],
            )?;
            if !listed.status.success() {
                return Err(Failure::with_hint(
                    format!("the CA did not list its certificates: {}", words(&listed)),
                    "name it as `certutil -dump` does, HOST\\CA NAME, and run this as an officer who may issue and manage \
                     certificates there",
                ));
            }
            serials.extend(serial_numbers(&String::from_utf8_lossy(&listed.stdout))?);
        }
        // The blobs are encrypted, and go away with the folder all the same.
        let folder = tempfile::tempdir()
            .map_err(|error| Failure::new(format!("there is no room for the blobs: {error}")))?;
        let mut fetched = Fetched { items: Vec::new(), without: 0, said: None };
        for (index, serial) in serials.iter().enumerate() {
            let file = folder.path().join(serial);
            let got =
                run(&program, &["-config", plain(ca)?, "-getkey", serial, &file.display().to_string()])?;
            if got.status.success() && file.is_file() {
                fetched.items.push(item(ca, serial, &file));
            } else {
                fetched.without += 1;
                fetched.said.get_or_insert_with(|| words(&got));
            }
            progress(index + 1, serials.len());
        }
        Ok(Some(fetched))
    }

    fn program(&self) -> Result<PathBuf, Failure> {
        match &self.certutil {
            Some(program) => Ok(program.clone()),
            None if cfg!(windows) => Ok(PathBuf::from(CERTUTIL)),
            None => Err(Failure {
                code: 2,
                message: "certutil is a program of Windows, and this machine runs another system".to_owned(),
                hint: Some(
                    "run it on Windows and name the files that it writes, or name with --certutil a program that runs it there"
                        .to_owned(),
                ),
            }),
        }
    }
}

fn item(ca: &str, serial: &str, file: &Path) -> Item {
    let material = contents(file, LARGEST_BLOB).and_then(|bytes| {
        let blob = RecoveryBlob::parse(&bytes).map_err(|error| error.to_string())?;
        Ok(Material::Blob(Box::new(blob)))
    });
    Item { source: printable(&format!("{ca}: {serial}")), material }
}

fn run(program: &Path, arguments: &[&str]) -> Result<Output, Failure> {
    Command::new(program).args(arguments).stdin(std::process::Stdio::null()).output().map_err(|error| {
        Failure::with_hint(
            format!("{} cannot be started: {error}", program.display()),
            "it belongs to Windows, and on Windows clients to the remote server administration tools",
        )
    })
}

/// The last line that says something, as `certutil` ends with what went wrong.
fn words(ran: &Output) -> String {
    let told = [&ran.stdout, &ran.stderr].map(|octets| String::from_utf8_lossy(octets).into_owned());
    let line = told.iter().flat_map(|text| text.lines()).map(str::trim).rfind(|line| !line.is_empty());
    fitted(&printable(line.unwrap_or("it said nothing")), LONGEST_WORDS)
}

/// A text that stands in one argument and ends no part of it.
fn plain(text: &str) -> Result<&str, Failure> {
    let text = text.trim();
    if text.is_empty() || text.chars().any(|c| c.is_control() || matches!(c, '"' | ',' | '<' | '>' | '=')) {
        return Err(Failure {
            code: 2,
            message: format!("`{}` names neither a CA nor a template", printable(text)),
            hint: Some("a CA is HOST\\CA NAME, a template its object identifier".to_owned()),
        });
    }
    Ok(text)
}

/// The serial numbers in a list of one column, below its heading.
fn serial_numbers(csv: &str) -> Result<Vec<String>, Failure> {
    let rows =
        csv.lines().map(|line| line.trim().trim_matches(['"', '\u{feff}']).trim().to_ascii_lowercase());
    let mut rows = rows.filter(|row| !row.is_empty());
    if rows.next().is_none() {
        return Err(Failure::new(
            "certutil listed nothing, not even a heading; look what it says when run by hand",
        ));
    }
    let is_serial = |row: &String| row.len() <= LONGEST_SERIAL && row.chars().all(|c| c.is_ascii_hexdigit());
    let mut found = Vec::new();
    for row in rows {
        if is_serial(&row) {
            found.push(row);
        // The program ends its lists with a sentence about itself, which has words.
        } else if !row.contains(' ') {
            return Err(Failure::new(format!(
                "certutil listed something that is no serial number: {}",
                fitted(&printable(&row), LONGEST_WORDS)
            )));
        }
    }
    Ok(found)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn serial_numbers_are_read_below_a_heading_in_any_language() {
        let quoted = "\u{feff}\"Heading\"\r\n\"6100000005aB\"\r\n\"1a\"\r\n\r\n";
        assert_eq!(serial_numbers(quoted).unwrap(), ["6100000005ab", "1a"]);
        let closing = "Serial Number\n61\nCertUtil: -view command completed successfully.\n";
        assert_eq!(serial_numbers(closing).unwrap(), ["61"]);
        assert!(serial_numbers("\"Serial Number\"\n").unwrap().is_empty());
        assert!(serial_numbers("").unwrap_err().message.contains("nothing"));
        for strange in ["<!DOCTYPE", "../../etc", "zz", &"a".repeat(41)] {
            assert!(serial_numbers(&format!("Serial\n{strange}\n")).is_err(), "{strange}");
        }
    }

    #[test]
    fn nothing_that_ends_an_argument_or_adds_a_restriction_is_taken_for_a_name() {
        for name in ["srv\\Contoso CA", "-", "1.3.6.1.4.1.311.21.8.1"] {
            assert_eq!(plain(name).unwrap(), name);
        }
        for name in ["", " ", "a,b", "a=b", "a\"b", "a\nb", "a>b"] {
            assert!(plain(name).is_err(), "{name}");
        }
    }
}
