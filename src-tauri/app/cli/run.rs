//! Window, service, demo and bridge.

use std::sync::Arc;

use tokio::runtime::Runtime;

use super::Outcome;
use super::arguments::{Demo, Key};
use super::output::{Failure, Output, line};
use crate::compose::Program;
use crate::daemon;
use crate::demo::{self, DemoOptions, Report};
#[cfg(any(feature = "gui", debug_assertions))]
use crate::person::who;
use crate::settings::Home;
#[cfg(any(feature = "gui", debug_assertions))]
use crate::setup::Desk;

/// Runs the headless service.
pub(super) async fn daemon(home: Home) -> Result<Outcome, Failure> {
    let actor = format!("daemon@{}", crate::installation::host_name());
    let program = Program::open_as(home, actor, "daemon").await?;
    daemon::run(Arc::new(program)).await?;
    Ok(Outcome::Done)
}

/// Opens the window on the program, or on the assistant while the home holds nothing.
#[cfg(feature = "gui")]
pub(super) fn window(runtime: &Runtime, home: Home) -> Result<Outcome, Failure> {
    let desk = runtime.block_on(async {
        let who = who(&home).await?;
        Desk::open(home, who).await
    })?;
    show(runtime, &desk)
}

/// This build has no window.
#[cfg(not(feature = "gui"))]
pub(super) fn window(_: &Runtime, _: Home) -> Result<Outcome, Failure> {
    Err(Failure {
        code: 2,
        message: "this is the server build: it has no window".to_owned(),
        hint: Some("start the service with `sealwright --daemon`, or see `sealwright help`".to_owned()),
    })
}

#[cfg(feature = "gui")]
fn show(runtime: &Runtime, desk: &Arc<Desk>) -> Result<Outcome, Failure> {
    let opened = crate::window::open(Arc::clone(desk), runtime.handle());
    runtime.block_on(desk.close());
    opened?;
    Ok(Outcome::Done)
}

/// Runs the story; then the window, where there is a display, or the service until it is stopped.
pub(super) fn demo(runtime: &Runtime, arguments: Demo, output: &Output) -> Result<Outcome, Failure> {
    let headless = arguments.headless;
    #[cfg(debug_assertions)]
    let page = arguments.bridge.clone();
    let options = DemoOptions {
        people: arguments.people,
        mailboxes: arguments.mailboxes,
        tenant: arguments.tenant,
        keep: arguments.keep,
        key: match arguments.key {
            Key::Rsa2048 => model::KeyAlgorithm::Rsa2048,
            Key::Rsa3072 => model::KeyAlgorithm::Rsa3072,
            Key::P256 => model::KeyAlgorithm::P256,
        },
        recover: arguments.recover,
        week: arguments.week,
        tell: (!output.is_json()).then_some(line as fn(&str)),
    };
    let kept = options.keep.clone();
    let demo = runtime.block_on(demo::run(&options))?;
    #[cfg(debug_assertions)]
    let bridged = page.is_some();
    #[cfg(not(debug_assertions))]
    let bridged = false;
    if !bridged {
        output.result(&demo.report, || summary(&demo.report))?;
    }
    let outcome = if demo.report.is_complete() { Outcome::Done } else { Outcome::NeedsPerson };
    if let Some(folder) = kept {
        output.note(&format!(
            "{} stays, to be looked at; the simulated tenant ends with this program, so that nothing is read or delivered from \
             there any more",
            folder.display()
        ));
    }
    if headless {
        return Ok(outcome);
    }
    #[cfg(debug_assertions)]
    if let Some(page) = page {
        runtime.block_on(serve(&Desk::of(&Arc::new(demo.program)), &page, 0))?;
        return Ok(outcome);
    }
    #[cfg(feature = "gui")]
    if crate::display::has_display() {
        show(runtime, &Desk::of(&Arc::new(demo.program)))?;
        return Ok(outcome);
    }
    output.note("There is no display for the window; the service goes on until it is stopped (Ctrl-C).");
    runtime.block_on(daemon::run(Arc::new(demo.program)))?;
    Ok(outcome)
}

fn summary(report: &Report) -> String {
    let mut text = String::new();
    let mut say = |line: String| {
        text.push_str(&line);
        text.push('\n');
    };
    say(String::new());
    say(format!("{} people and {} shared mailboxes", report.people, report.mailboxes));
    say(format!("{:>6} certificates issued, {} ordered twice", report.certificates, report.duplicates));
    say(format!("{:>6} delivered ({} records at Intune, read back)", report.delivered, report.deliveries));
    say(format!("{:>6} opened on every device ({} openings)", report.opened_on_devices, report.openings));
    say(format!("{:>6} canary mails decrypted on every device", report.canaries_decrypted));
    say(format!("{:>6} of {} keys archived to the recovery agents", report.archived, report.to_be_archived));
    say(format!("{:>6} of them recovered as a proof", report.recovered));
    say(format!("{:>6} in-flight keys left over", report.in_flight));
    for skipped in &report.skipped {
        say(format!("       not {}: {}", skipped.who, skipped.why));
    }
    for failure in &report.device_failures {
        say(format!("       device failure: {}: {}", failure.who, failure.why));
    }
    for failed in report.week.iter().flat_map(|day| &day.failed) {
        say(format!("       not as it should be in the week: {failed}"));
    }
    if let (Some(enroll), Some(total)) = (report.seconds.get("enroll"), report.seconds.get("total")) {
        say(format!("in {total:.1} seconds, {enroll:.1} of them enrolling"));
    }
    text
}

/// Serves the page of a home to a browser.
#[cfg(debug_assertions)]
pub(super) async fn bridge(home: Home, arguments: super::arguments::Bridge) -> Result<Outcome, Failure> {
    let who = who(&home).await?;
    let desk = Desk::open(home, who).await?;
    serve(&desk, &arguments.ui, arguments.port).await?;
    Ok(Outcome::Done)
}

#[cfg(debug_assertions)]
async fn serve(desk: &Arc<Desk>, page: &std::path::Path, port: u16) -> Result<(), Failure> {
    let token = crypto::pfx::generate_password(&model::SystemEntropy);
    let bridge = crate::bridge::Bridge::bind(Arc::clone(desk), page, port, token).await?;
    line(&serde_json::json!({ "url": bridge.url() }).to_string());
    tokio::select! {
        served = bridge.serve() => served?,
        () = daemon::asked_to_stop() => {}
    }
    desk.close().await;
    Ok(())
}
