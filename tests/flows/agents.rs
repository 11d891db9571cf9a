//! `kra …`: to whom keys are sealed.

use std::fs;

use crate::home::{AGENTS, OUTSIDER};
use crate::proof;
use crate::world::World;

async fn names(world: &World) -> Vec<String> {
    let listed = world.json(&["kra", "list"]).await;
    listed["kras"].as_array().unwrap().iter().map(|kra| kra["name"].as_str().unwrap().to_owned()).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn the_list_shows_who_can_open_new_keys() {
    let world = World::of(1, 0).await;
    assert_eq!(names(&world).await, AGENTS);
    let told = world.run(&["kra", "list"]).await;
    assert!(told.stdout.contains("VALID UNTIL") && told.stdout.contains("agent-2"), "{told:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_new_agent_gets_a_file_that_only_its_owner_may_read_and_opens_what_is_sealed_from_then_on() {
    use std::os::unix::fs::PermissionsExt as _;
    let world = World::of(1, 0).await;
    let file = world.folder().join("new.p12");
    let password = world.folder().join("new.password");
    let (path, secret) = (file.to_str().unwrap(), password.to_str().unwrap());
    let made = world.json(&["kra", "create", "New agent", "--out", path, "--out-password", secret]).await;
    for file in [&file, &password] {
        assert_eq!(fs::metadata(file).unwrap().permissions().mode() & 0o777, 0o600);
    }
    let opened =
        crypto::pfx::open(&fs::read(&file).unwrap(), &fs::read_to_string(&password).unwrap()).unwrap();
    assert_eq!(opened.certificate.thumbprint().to_string(), made["thumbprint"].as_str().unwrap());
    world.json(&["apply"]).await;
    let keys = world.json(&["recovery", "list"]).await;
    assert_eq!(keys["keys"][0]["agents"].as_array().unwrap().len(), 3, "{keys}");
    // A second time the file would be overwritten, and with it the only copy of a key.
    let before = fs::read(&file).unwrap();
    let third = world.folder().join("third").to_str().unwrap().to_owned();
    for (out, password) in [(path, third.as_str()), (third.as_str(), secret)] {
        let create = ["kra", "create", "Other", "--out", out, "--out-password", password];
        let refused = world.run_json(&create).await.failure();
        assert!(refused.contains("exists already"), "{refused}");
    }
    let spoken = world.run_json(&["kra", "create", "Other", "--out", &third]).await.failure_with(2);
    assert!(
        spoken.contains("the password is not printed") && spoken.contains("--out-password FILE"),
        "{spoken}"
    );
    assert_eq!(fs::read(&file).unwrap(), before);
    assert_eq!(names(&world).await.len(), 3);
    // To people it is shown, once.
    let shown = world.run(&["kra", "create", "Fourth agent", "--out", &third]).await;
    let password = shown.stdout.lines().find_map(|line| line.split_once("shown this once: ")).unwrap().1;
    assert!(crypto::pfx::open(&fs::read(&third).unwrap(), password.trim()).is_ok());
}

#[tokio::test(flavor = "multi_thread")]
async fn an_agent_whose_file_cannot_be_written_is_not_added() {
    let world = World::of(1, 0).await;
    let refused = world
        .run_json(&[
            "kra",
            "create",
            "Lost",
            "--out",
            "no-such-folder/lost.p12",
            "--out-password",
            "lost.password",
        ])
        .await
        .failure();
    assert!(refused.contains("no-such-folder"), "{refused}");
    assert_eq!(names(&world).await, AGENTS, "nobody is sealed to whose key was never written");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_agent_is_added_by_certificate_once_and_removed_by_thumbprint() {
    let world = World::of(1, 0).await;
    let (_, certificate) = proof::agent(&world, OUTSIDER);
    let file = world.folder().join("outsider.crt");
    fs::write(&file, certificate.pem()).unwrap();
    let path = file.to_str().unwrap();
    let added = world.json(&["kra", "add", path]).await;
    assert_eq!(added["name"], OUTSIDER);
    assert_eq!(names(&world).await.len(), 3);
    let twice = world.run_json(&["kra", "add", path]).await.failure();
    assert!(twice.contains("exists already"), "{twice}");
    // In the spelling of another program.
    let spelled = certificate.thumbprint().to_string().to_uppercase();
    let colons: Vec<String> =
        spelled.as_bytes().chunks(2).map(|pair| String::from_utf8_lossy(pair).into_owned()).collect();
    world.json(&["kra", "remove", &colons.join(":")]).await;
    assert_eq!(names(&world).await, AGENTS);
    let gone = world.run_json(&["kra", "remove", &colons.join(":")]).await.failure();
    assert!(gone.contains("there is no recovery agent") && gone.contains("kra list"), "{gone}");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_no_certificate_of_an_agent_is_refused_with_the_reason() {
    let world = World::of(1, 0).await;
    let file = |name: &str, bytes: &[u8]| {
        let path = world.folder().join(name);
        fs::write(&path, bytes).unwrap();
        path.to_str().unwrap().to_owned()
    };
    let page = file("page.crt", b"<!DOCTYPE html><html></html>");
    let empty = file("empty.crt", b"");
    for wrong in [
        page,
        empty,
        "no-such-file.crt".to_owned(),
        world.agent(AGENTS[0], "p12").to_str().unwrap().to_owned(),
    ] {
        let refused = world.run_json(&["kra", "add", &wrong]).await.failure();
        assert!(refused.len() > 20, "{refused}");
    }
    let address = world.run_json(&["kra", "add", "pkcs11:token=KRA;colour=red"]).await;
    assert_eq!(address.code, Some(2));
    assert!(address.stderr.contains("`colour` is not used here"), "{address:?}");
    assert_eq!(names(&world).await, AGENTS);
    let not_hex = world.run_json(&["kra", "remove", "agent-1"]).await.failure();
    assert!(not_hex.contains("hexadecimal"), "{not_hex}");
}

#[tokio::test(flavor = "multi_thread")]
async fn without_any_agent_nothing_is_archived_and_nothing_is_ordered_until_there_is_one() {
    let world = World::of(2, 0).await;
    for agent in AGENTS {
        let (_, certificate) = proof::agent(&world, agent);
        world.json(&["kra", "remove", &certificate.thumbprint().to_string()]).await;
    }
    let applied = world.run_json(&["apply"]).await;
    assert_eq!(applied.code, Some(3), "somebody must add an agent: {applied:?}");
    let applied = applied.json();
    assert_eq!(
        (applied["done"].as_u64(), applied["open"].as_u64()),
        (Some(2), Some(2)),
        "sign-in keys need no agent: {applied}"
    );
    assert!(applied["hindered"][0]["why"].as_str().unwrap().contains("no key recovery agent"), "{applied}");
    assert_eq!(proof::certificates(&world).await.len(), 2, "no mail certificate was ordered");
    let doctor = world.run(&["doctor"]).await;
    assert_eq!(doctor.code, Some(3));
    assert!(
        doctor.stdout.contains("no key can be archived") && doctor.stdout.contains("kra create"),
        "{doctor:?}"
    );
}
