//! What somebody new to the program stumbles over, told so that it helps.

use std::fs;

use model::{Service, Span, Timestamp};
use store::Store as _;

use crate::home::{AGENTS, AUTHORITY, PKI_URL, write_private};
use crate::world::World;

#[tokio::test(flavor = "multi_thread")]
async fn a_wrong_file_is_called_what_it_is_beside_what_is_wanted() {
    let world = World::of(1, 0).await;
    let path = |name: &str| world.folder().join(name).to_str().unwrap().to_owned();
    let plan = path("today.plan");
    world.json(&["plan", "--out", &plan]).await;
    let page = path("page.html");
    fs::write(&page, "<!doctype html><p>Sign in").unwrap();
    let certificate = world.home().join("simulator-ca.pem").to_str().unwrap().to_owned();
    let agent = world.agent(AGENTS[0], "p12").to_str().unwrap().to_owned();
    for (command, file, is, wanted) in [
        (
            &["audit", "check"][..],
            &plan,
            "it is a saved plan, which `sealwright apply FILE` takes",
            "is not a proof",
        ),
        (&["audit", "check"], &agent, "DER", "audit prove N --out FILE"),
        (&["apply"], &certificate, "it is a certificate or a certification request (PEM)", "no saved plan"),
        (&["apply"], &page, "a web page (HTML)", "sealwright plan --out FILE"),
        (&["template", "import"], &plan, "it is a saved plan", "is not a template"),
        (&["template", "import"], &agent, "DER", "sealwright template new NAME"),
    ] {
        let told = world.run(&[command, &[file.as_str()]].concat()).await;
        assert!(told.stderr.contains(is) && told.stderr.contains(wanted), "{command:?} {file}: {told:?}");
        assert!(!told.stderr.contains("column") && !told.stderr.contains("UTF-8"), "{command:?}: {told:?}");
    }
    // A slip in a template is told with its place all the same.
    let slip = path("slip.toml");
    fs::write(&slip, "name = 3\n").unwrap();
    let told = world.run(&["template", "import", &slip]).await;
    assert!(told.stderr.contains("line 1"), "{told:?}");

    let folder = path("folder");
    fs::create_dir(&folder).unwrap();
    let told = world.run(&["recovery", "drill", "--kra", &agent, "--password-file", &folder]).await;
    assert!(told.stderr.contains("is a folder; name the file in it"), "{told:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_future_officer_makes_a_key_where_there_is_no_home() {
    let world = World::of(1, 0).await;
    let nowhere = world.folder().join("no-home");
    let (file, password) = (world.folder().join("new.p12"), world.folder().join("new.password"));
    let mut command = world.command_on(&nowhere);
    command
        .args(["kra", "create", "Cora", "--only-file", "--out"])
        .arg(&file)
        .arg("--out-password")
        .arg(&password);
    let made = crate::program::Ran::of(command).await;
    assert_eq!(made.code, Some(0), "{made:?}");
    assert!(file.with_extension("cer").exists() && !nowhere.exists());
    let certificate = file.with_extension("cer").to_str().unwrap().to_owned();
    world.json(&["kra", "set", "propose", "--name", "Recovery", "--keep", "--add", &certificate]).await;
    write_private(&password, b"");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_a_service_left_to_a_person_stays_to_be_read_after_a_command_read_the_directory() {
    let world = World::of(1, 0).await;
    let said =
        "3 left; not all was revoked that is due: 9 revocations in 24 hours are more than [limits] allow";
    let at = Timestamp::from_seconds(1_800_000_000);
    let mut work = world.store.begin().await.unwrap();
    work.services().ensure(Service::Sync, at).await.unwrap();
    let now = work.jobs().now().await.unwrap();
    work.services().wake(Service::Sync, now).await.unwrap();
    assert!(work.services().claim(Service::Sync, "a service", now, Span::minutes(1)).await.unwrap());
    let later = now + Span::days(1);
    assert!(work.services().finish(Service::Sync, "a service", at, Err(said), later).await.unwrap());
    work.commit().await.unwrap();

    world.json(&["apply"]).await;
    let mut work = world.store.read().await.unwrap();
    let listed = work.services().list().await.unwrap();
    drop(work);
    let sync = listed.iter().find(|status| status.service == Service::Sync).unwrap();
    assert_eq!((sync.last_result.as_deref(), sync.failed, sync.last_run), (Some(said), true, Some(at)));
    let found = world.run(&["doctor"]).await;
    assert!(found.stdout.contains("not all was revoked that is due"), "{found:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_authority_is_not_given_another_address_silently() {
    let world = World::of(1, 0).await;
    let again = ["init", "--authority", AUTHORITY];
    world.json(&again).await;
    world.json(&[&again[..], &["--pki-url", PKI_URL]].concat()).await;
    let other = [&again[..], &["--pki-url", "http://elsewhere.example.com/ca"]].concat();
    let told = world.run_json(&other).await.failure();
    assert!(told.contains(PKI_URL) && told.contains("for ever"), "{told}");
}
