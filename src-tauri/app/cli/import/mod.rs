//! `import`: takes in keys that lie elsewhere. What would be done is always shown first.

mod files;
mod from_ca;
mod passwords;
mod report;

use std::io::{IsTerminal as _, Write as _};
use std::path::PathBuf;
use std::sync::Arc;

use clap::{Args, Subcommand};
use crypto::X509Certificate;
use model::ImportOrigin;
use recover::import::{HandOver, Importer, Item, Line};

use self::passwords::Passwords;
use self::report::{Counts, Done};
use super::agent::reason;
use super::arguments::Agent;
use super::output::{Failure, Output};
use super::{Outcome, agent};
use crate::compose::Program;
use crate::settings::read_private;
use crate::works::chain;

/// Keys from elsewhere
#[derive(Debug, Subcommand)]
pub(super) enum ImportCommand {
    /// Keys from the archive of a Windows CA (AD CS), as `certutil -getkey` writes them
    ///
    /// Each file is opened with the key of that CA's recovery agent, checked against its certificate, and sealed to the
    /// recovery agents of this installation. What would be done is shown first. Files that cannot be imported stop no
    /// others; run it again to go on where it was cut off.
    Adcs {
        /// Files, or folders of them
        #[arg(required_unless_present = "from_ca", conflicts_with = "from_ca", value_name = "FILE|FOLDER")]
        files: Vec<PathBuf>,
        /// The CA itself
        #[command(flatten)]
        from_ca: from_ca::FromCa,
        /// Whose word is taken for whose a certificate is
        #[command(flatten)]
        believed: Believed,
        /// Whose key opens them: the Windows CA's recovery agent
        #[command(flatten)]
        agent: Box<Agent>,
        /// How far to go
        #[command(flatten)]
        extent: Extent,
    },
    /// Keys in a folder of PKCS#12 files (*.pfx, *.p12) with a list of their passwords
    Pfx {
        /// The folder
        folder: PathBuf,
        /// Whose word is taken for whose a certificate is
        #[command(flatten)]
        believed: Believed,
        /// CSV file with the columns file,password; the file `*` stands for all without a row of their own
        #[arg(long, value_name = "FILE")]
        passwords: PathBuf,
        /// Why: a case number or sentence for the audit log, at most 500 characters
        #[arg(long, value_name = "TEXT", value_parser = reason)]
        reason: String,
        /// How far to go
        #[command(flatten)]
        extent: Extent,
    },
}

/// The authorities that are believed
#[derive(Debug, Args)]
pub(super) struct Believed {
    /// Certificate of the authority that issued the people's certificates, or of its root, PEM or DER; may be given several
    /// times. What does not go back to one of them is not imported: a key fits any certificate made for it, whoever made it
    #[arg(long, required = true, value_name = "FILE")]
    ca: Vec<PathBuf>,
}

/// How far an import goes
#[derive(Debug, Args)]
pub(super) struct Extent {
    /// Only show what would be done
    #[arg(long, conflicts_with = "yes")]
    plan: bool,
    /// Do not ask before importing
    #[arg(long)]
    yes: bool,
    /// Also hand the keys over to their owners' devices through Intune
    #[arg(long)]
    deliver: bool,
}

impl Extent {
    /// Refuses what would be refused later, before anything is read or asked for.
    fn possible(&self, program: &Program, output: Output) -> Result<(), Failure> {
        doors(program, self.deliver)?;
        if self.deliver && !program.rights.may_deliver() {
            return Err(Failure::with_hint(
                "this login to the database may import, and not record what is handed over to devices",
                "leave --deliver out; an administrator runs the same command with it afterwards",
            ));
        }
        if self.plan || self.yes || (!output.is_json() && std::io::stdin().is_terminal()) {
            return Ok(());
        }
        Err(Failure {
            code: 2,
            message: "keys would be imported, and nobody is there to agree".to_owned(),
            hint: Some("say --yes, or look with --plan".to_owned()),
        })
    }
}

pub(super) async fn run(
    program: &Arc<Program>,
    command: ImportCommand,
    output: &Output,
) -> Result<Outcome, Failure> {
    match command {
        ImportCommand::Adcs { files, from_ca, believed, agent: by, extent } => {
            extent.possible(program, *output)?;
            let authorities = files::authorities(&believed.ca)?;
            let items = match fetched(&from_ca, *output)? {
                Some(items) => items,
                None => files::blobs(&files)?,
            };
            let mut importer =
                importer(program, &authorities, ImportOrigin::AdCs, by.reason.clone(), extent.deliver)?;
            importer.ready().await?;
            // Nobody is asked for a PIN or signed in before it is certain that it serves something.
            let key = agent::open(program, &by.key, output).await?;
            importer.agent = Some(key.as_ref());
            import(program, &importer, &items, &extent, output).await
        }
        ImportCommand::Pfx { folder, believed, passwords: list, reason, extent } => {
            extent.possible(program, *output)?;
            let authorities = files::authorities(&believed.ca)?;
            let importer = importer(program, &authorities, ImportOrigin::PfxFiles, reason, extent.deliver)?;
            importer.ready().await?;
            let text = read_private(&list)?;
            let unusable = |why: String| Failure::new(format!("{} cannot be used: {why}", list.display()));
            let passwords = Passwords::read(&text).map_err(unusable)?;
            let (items, left) = files::pfx_files(&folder, &passwords)?;
            for row in left {
                output.warning(&format!("{} names `{row}`, and there is no such file", list.display()));
            }
            let outcome = import(program, &importer, &items, &extent, output).await?;
            if !extent.plan {
                output.warning(&format!(
                    "{} still holds passwords, and the folder keys: delete both when everything is imported",
                    list.display()
                ));
            }
            Ok(outcome)
        }
    }
}

/// The blobs of a CA that was named, with what it did not give.
fn fetched(from: &from_ca::FromCa, output: Output) -> Result<Option<Vec<Item>>, Failure> {
    let bar = indicatif::ProgressBar::new(0);
    let fetched = from.fetch(&|done, of| {
        bar.set_length(of as u64);
        bar.set_position(done as u64);
    });
    bar.finish_and_clear();
    let Some(fetched) = fetched? else { return Ok(None) };
    if let Some(said) = &fetched.said {
        output.warning(&format!(
            "the CA gave no key for {} of {} certificates; where none is archived that is right. certutil said of the first: {said}",
            fetched.without,
            fetched.without + fetched.items.len()
        ));
    }
    if fetched.items.is_empty() {
        return Err(Failure::with_hint(
            "the CA has no archived key among these certificates",
            "look at the column *Archived Key* in its console; --template and --state say which certificates are asked for",
        ));
    }
    Ok(Some(fetched.items))
}

/// The doors for handing over, when that is wanted.
fn doors(program: &Program, deliver: bool) -> Result<Option<HandOver<'_>>, Failure> {
    if !deliver {
        return Ok(None);
    }
    let found = program.tenant.as_ref().and_then(|doors| {
        let door = doors.delivery.as_ref()?;
        Some(HandOver { door: door.as_ref(), directory: doors.directory.as_ref() })
    });
    found.map(Some).ok_or_else(|| {
        Failure::with_hint(
            "Intune is not configured",
            "fill in [tenant] and [intune] in sealwright.toml, or leave --deliver out",
        )
    })
}

fn importer<'a>(
    program: &'a Program,
    authorities: &'a [X509Certificate],
    origin: ImportOrigin,
    reason: String,
    deliver: bool,
) -> Result<Importer<'a>, Failure> {
    Ok(Importer {
        store: program.store.as_ref(),
        clock: program.clock.as_ref(),
        entropy: program.entropy.as_ref(),
        ids: &program.ids,
        probe: program.probe.as_ref(),
        authorities,
        custody: &program.custody,
        agent: None,
        hand_over: doors(program, deliver)?,
        origin,
        actor: program.actor.clone(),
        reason,
    })
}

async fn import(
    program: &Program,
    importer: &Importer<'_>,
    items: &[Item],
    extent: &Extent,
    output: &Output,
) -> Result<Outcome, Failure> {
    importer.ready().await?;
    let lines = importer.preview(items).await?;
    output.note(report::preview(importer.authorities, &lines).trim_end());
    let mut done: Vec<Done> = lines.iter().map(|_| Done::Nothing).collect();
    let wanted = lines.iter().filter(|line| line.verdict.is_wanted()).count();
    let mut stopped = None;
    if !extent.plan && wanted > 0 {
        if !extent.yes && !agrees()? {
            return Err(Failure::new("nothing was imported"));
        }
        stopped = carry_out(importer, items, &lines, &mut done).await;
        // What was opened stands under a signature before anything else can happen to the record.
        agent::sign_log(program, output).await;
    }
    let value = report::value(&lines, &done, stopped.as_deref());
    output.result(&value, || {
        if extent.plan {
            "this was the preview: nothing was opened or changed".to_owned()
        } else if wanted == 0 {
            "nothing was imported".to_owned()
        } else {
            report::summary(&lines, &done, stopped.as_deref())
        }
    })?;
    let needs_person = Counts::of(&lines, &done).needs_person();
    Ok(if needs_person { Outcome::NeedsPerson } else { Outcome::Done })
}

/// Carries out line by line; answers why it was stopped, if it was.
async fn carry_out(
    importer: &Importer<'_>,
    items: &[Item],
    lines: &[Line],
    done: &mut [Done],
) -> Option<String> {
    let wanted = lines.iter().filter(|line| line.verdict.is_wanted()).count();
    let bar = indicatif::ProgressBar::new(wanted as u64);
    let mut stopped: Option<String> = None;
    for at in 0..lines.len() {
        let (item, line) = (&items[at], &lines[at]);
        // A copy serves where the first was damaged.
        let in_place = line
            .copy_of
            .filter(|first| matches!(done[*first], Done::Failed(_)) && !line.verdict.is_wanted())
            .map(|first| line.in_place_of(&lines[first]));
        let line = in_place.as_ref().unwrap_or(line);
        if !line.verdict.is_wanted() {
            continue;
        }
        if stopped.is_some() {
            done[at] = Done::NotTried;
            continue;
        }
        bar.set_message(line.source.clone());
        done[at] = match importer.carry_out(item, line).await {
            Ok(carried) => Done::Carried(carried),
            Err(error) => {
                let why = chain(&error);
                if error.stops_all() {
                    stopped = Some(why.clone());
                }
                Done::Failed(why)
            }
        };
        if in_place.is_none() {
            bar.inc(1);
        }
    }
    bar.finish_and_clear();
    stopped
}

/// Asks on the terminal.
pub(super) fn agrees() -> Result<bool, Failure> {
    let mut errors = std::io::stderr().lock();
    let _ = write!(errors, "Go on? [y/N] ");
    let mut typed = String::new();
    std::io::stdin()
        .read_line(&mut typed)
        .map_err(|error| Failure::new(format!("the answer could not be read: {error}")))?;
    Ok(matches!(typed.trim().to_ascii_lowercase().as_str(), "y" | "yes"))
}
