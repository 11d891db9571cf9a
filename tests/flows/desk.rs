//! The recovery page, as it drives the program: every command of it, by several persons at one database.

use std::fs;
use std::os::unix::fs::PermissionsExt as _;

use base64::prelude::{BASE64_STANDARD, Engine as _};
use serde_json::{Value, json};

use crate::ceremony::{PIN, opened, smime, staged, with_key};
use crate::certificates::openssl;
use crate::home::AGENTS;
use crate::program::until;
use crate::proof;
use crate::served::Served;
use crate::world::World;

/// The page of this person.
pub(crate) async fn desk_of(world: &World, actor: &str) -> Served {
    let mut command = world.command();
    command.env("SEALWRIGHT_ACTOR", actor);
    Served::by(command, &world.folder().join("page")).await
}

pub(crate) async fn ask(served: &Served, certificate: &str, wanted: &str, to: Option<&str>) -> Value {
    let request = json!({
        "certificates": [certificate], "caseNumber": "4711/26", "legalBasis": "works agreement 7",
        "reason": "long leave of a colleague", "wanted": wanted, "to": to, "days": 7,
    });
    served.done("request_recovery", request).await
}

/// Begins a deed and waits for its end.
async fn deed(served: &Served, deed: Value, address: &str, secret: Option<&str>) -> Value {
    let begin = json!({ "deed": deed, "key": { "address": address, "secret": secret } });
    let begun = served.done("begin_officer_deed", begin).await;
    assert_eq!(begun["state"], "unlocking", "{begun}");
    ended(served).await
}

/// What the page showed is what is agreed to.
async fn nothing_for_another_request(officer: &Served, read: &Value, address: &str) {
    let mut altered = approve(read);
    altered["digest"] = json!("00".repeat(32));
    let stale = deed(officer, altered, address, Some(PIN)).await;
    assert_eq!(stale["error"]["code"], "stale", "{stale}");
}

/// A wrong PIN is sent once, and after it none from here: no page locks an officer's token.
async fn after_a_wrong_pin(officer: &Served, other: &Value, address: &str) {
    let wrong = deed(officer, approve(other), address, Some("000000")).await;
    assert_eq!(wrong["state"], "failed", "{wrong}");
    assert!(wrong["error"]["message"].as_str().unwrap().contains("the PIN is wrong"), "{wrong}");
    assert!(!wrong.to_string().contains("000000"), "{wrong}");
    for pin in ["111111", PIN] {
        let held_back = deed(officer, approve(other), address, Some(pin)).await;
        let told = held_back["error"]["message"].as_str().unwrap();
        assert!(
            told.contains("a wrong PIN was given before") && told.contains("sends it none"),
            "{held_back}"
        );
        assert!(held_back["error"]["hint"].as_str().unwrap().contains("command line"), "{held_back}");
    }
}

/// The page's word alone loads no code into this program.
async fn modules_of_no_list(served: &Served, request: &Value) {
    let wrong = json!({ "module": "/bin/sh" });
    let address = "pkcs11:token=KRA?module-path=/bin/sh";
    let begin = json!({ "deed": approve(request), "key": { "address": address, "secret": PIN } });
    let propose = json!({
        "name": "x", "quorum": 2, "approvals": 0, "keep": [], "add": [{ "kind": "token", "address": address }], "mlKem": [],
    });
    for (command, request) in
        [("officer_tokens", wrong), ("begin_officer_deed", begin), ("propose_kra_set", propose)]
    {
        let (code, told) = served.refused(command, request).await;
        assert!(
            code == "notPossible" && told.contains("does not load the PKCS#11 module"),
            "{command}: {told}"
        );
    }
    let share =
        json!({ "deed": approve(request), "key": { "address": r"\\host\share\kra.p12", "secret": PIN } });
    let (code, told) = served.refused("begin_officer_deed", share).await;
    assert!(code == "invalid" && told.contains("a network share or a device"), "{told}");
}

pub(crate) async fn ended(served: &Served) -> Value {
    let line = until("the deed has ended", async || {
        let line = served.done("officer_deed", json!({})).await;
        matches!(line["state"].as_str(), Some("done" | "failed")).then_some(line)
    })
    .await;
    let forgotten = served.done("end_officer_deed", json!({})).await;
    assert_eq!(forgotten["state"], "none", "{forgotten}");
    line
}

pub(crate) fn approve(request: &Value) -> Value {
    json!({ "kind": "approve", "request": request["id"], "digest": request["digest"] })
}

/// Whoever writes the database without the program.
pub(crate) fn alter(world: &World, statement: &str) {
    let altered = std::process::Command::new("python3")
        .args(["-c", "import sqlite3,sys; c=sqlite3.connect(sys.argv[1], timeout=30); c.execute(sys.argv[2]); c.commit()"])
        .arg(world.home().join("sealwright.db"))
        .arg(statement)
        .status()
        .unwrap();
    assert!(altered.success());
}

pub(crate) fn file_of(world: &World, agent: &str) -> (String, String) {
    let password = fs::read_to_string(world.agent(agent, "password")).unwrap();
    (world.agent(agent, "p12").to_str().unwrap().to_owned(), password.trim().to_owned())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_token_and_a_signed_in_vault_agree_on_the_page_and_whoever_asked_completes() {
    let (world, keys) = staged().await;
    let row = smime(&world).await;
    let (anna, bert, cora) = (
        desk_of(&world, "anna@desk-1").await,
        desk_of(&world, "bert@desk-2").await,
        desk_of(&world, "cora@desk-3").await,
    );
    let desk = anna.done("recovery_desk", json!({ "all": false })).await;
    assert_eq!((&desk["actor"], &desk["approvals"]), (&json!("anna@desk-1"), &json!(2)), "{desk}");
    let checks = desk["checks"].as_array().unwrap();
    // The certificates of token and vault end within a month, which is told and stops nobody.
    let verdicts: Vec<&str> = checks.iter().map(|check| check["verdict"].as_str().unwrap()).collect();
    assert_eq!(verdicts, ["good", "good", "good", "warning"], "{desk}");

    let search = json!({ "search": row.certificate.mail, "from": null, "to": null });
    let found = anna.done("recoverable_keys", search).await;
    let keys_found = found["keys"].as_array().unwrap();
    let key = keys_found.iter().find(|key| key["certificate"] == json!(row.certificate.id)).unwrap();
    assert_eq!((&key["quorum"], key["officers"].as_array().map(Vec::len)), (&json!(2), Some(3)), "{key}");
    assert_eq!(key["whyNot"], Value::Null);
    // What signs in only was never archived, and the page is told so.
    assert!(keys_found.iter().any(|key| key["whyNot"].as_str().is_some()), "{found}");
    let long_ago = json!({ "search": row.certificate.mail, "from": null, "to": "2001-01-01" });
    assert_eq!(anna.done("recoverable_keys", long_ago).await["keys"], json!([]));

    let asked = ask(&anna, &row.certificate.id.to_string(), "fileForOwner", None).await;
    assert_eq!(
        (&asked["state"], &asked["needed"], &asked["own"]),
        (&json!("waits"), &json!(2), &json!(true))
    );
    assert!(asked["mayNotAgree"].as_str().unwrap().contains("cannot agree to it too"), "{asked}");

    // An officer reads it at another desk.
    let read = &bert.done("recovery_desk", json!({ "all": false })).await["requests"][0];
    assert_eq!((&read["own"], &read["mayNotAgree"]), (&json!(false), &Value::Null), "{read}");
    let survey = bert.done("officer_tokens", json!({ "module": support::SOFTHSM_MODULE })).await;
    modules_of_no_list(&bert, read).await;
    let token = &survey["tokens"][0]["keys"][0];
    assert_eq!(token["isAgent"], true, "{survey}");
    let address = token["address"].as_str().unwrap();
    nothing_for_another_request(&bert, read, address).await;
    let agreed = deed(&bert, approve(read), address, Some(PIN)).await;
    assert_eq!((&agreed["state"], &agreed["approved"]["agreed"]), (&json!("done"), &json!(1)), "{agreed}");
    assert!(agreed["key"].as_str().unwrap().contains("Officer with a token"), "{agreed}");

    let other = ask(&anna, &row.certificate.id.to_string(), "ownersDevices", None).await;
    after_a_wrong_pin(&bert, &other, address).await;
    let by_hand = ["recovery", "approve", other["id"].as_str().unwrap(), "--yes"];
    with_key(&world, "bert@desk-2", &by_hand, &keys[1]).await.done();
    anna.done("withdraw_recovery", json!({ "id": other["id"] })).await;

    let folder = world.folder().join("recovered");
    let passwords = world.folder().join("passwords.txt");
    let complete = |passwords: &std::path::Path| {
        json!({
            "id": asked["id"], "folder": folder, "passwordFile": passwords, "compatible": false, "mails": [],
        })
    };
    let (_, early) = anna.refused("complete_recovery", complete(&passwords)).await;
    assert!(early.contains("1 of 2 officers have agreed"), "{early}");

    // The vault's officer signs in with a code, which the page shows.
    let vault = keys[2][1].as_str();
    let begin = json!({ "deed": approve(read), "key": { "address": vault, "secret": null } });
    cora.done("begin_officer_deed", begin.clone()).await;
    let shown = until("the page shows a code", async || {
        let line = cora.done("officer_deed", json!({})).await;
        assert_ne!(line["state"], "failed", "{line}");
        (line["state"] == "signIn").then_some(line)
    })
    .await;
    let (code, busy) = cora.refused("begin_officer_deed", begin.clone()).await;
    assert_eq!(code, "notPossible", "{busy}");
    // Cancelled while it waits, and begun anew.
    assert_eq!(cora.done("end_officer_deed", json!({})).await["state"], "none");
    cora.done("begin_officer_deed", begin).await;
    let shown_again = until("the page shows another code", async || {
        let line = cora.done("officer_deed", json!({})).await;
        (line["state"] == "signIn" && line["signIn"]["code"] != shown["signIn"]["code"]).then_some(line)
    })
    .await;
    let code = shown_again["signIn"]["code"].as_str().unwrap();
    assert!(shown_again["signIn"]["address"].as_str().unwrap().contains("devicelogin"), "{shown_again}");
    let officer = world.sim.users().into_iter().find(|user| user.account_enabled).unwrap();
    world.sim.approve_sign_in(code, officer.id).unwrap();
    let agreed = ended(&cora).await;
    assert_eq!(
        (&agreed["state"], &agreed["approved"]["state"]),
        (&json!("done"), &json!("ready")),
        "{agreed}"
    );

    let (code, beside) = anna.refused("complete_recovery", complete(&folder.join("passwords.txt"))).await;
    assert!(code == "invalid" && beside.contains("beside the keys"), "{code} {beside}");
    assert!(!folder.exists());
    let (_, foreign) = bert.refused("complete_recovery", complete(&passwords)).await;
    assert!(foreign.contains("anna"), "{foreign}");
    let done = anna.done("complete_recovery", complete(&passwords)).await;
    assert_eq!((&done["closed"], &done["warning"]), (&json!(true), &Value::Null), "{done}");
    let told = fs::read_to_string(&passwords).unwrap();
    let password = told.split_whitespace().last().unwrap();
    assert!(!done.to_string().contains(password), "no password goes through the page");
    opened(&folder, &passwords, &row);
    assert_eq!(anna.done("recovery_desk", json!({ "all": false })).await["requests"], json!([]));
    let all = anna.done("recovery_desk", json!({ "all": true })).await;
    let closed = all["requests"].as_array().unwrap().iter().find(|one| one["id"] == asked["id"]).unwrap();
    assert_eq!((&closed["state"], &closed["agreed"]), (&json!("done"), &json!(2)));
    for served in [anna, bert, cora] {
        served.close().await;
    }
    world.json(&["audit", "verify"]).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn mails_are_decrypted_from_the_page_and_what_fails_leaves_the_request_open() {
    let world = World::of(2, 0).await;
    world.json(&["apply"]).await;
    let row = smime(&world).await;
    let at = |name: &str| world.folder().join(name).to_str().unwrap().to_owned();
    let pem = world.run(&["certificate", "export", &row.certificate.thumbprint.to_string()]).await.stdout;
    let end = "-----END CERTIFICATE-----";
    fs::write(at("leaf.pem"), &pem[..pem.find(end).unwrap() + end.len()]).unwrap();
    fs::write(at("text"), "Content-Type: text/plain\r\n\r\nGrüße aus Köln\r\n").unwrap();
    let encrypt =
        ["cms", "-encrypt", "-aes256", "-in", &at("text"), "-out", &at("mail.eml"), &at("leaf.pem")];
    assert!(openssl(&encrypt).status.success());

    let (anna, bert) = (desk_of(&world, "anna@desk-1").await, desk_of(&world, "bert@desk-2").await);
    let asked = ask(&anna, &row.certificate.id.to_string(), "decryptedMails", None).await;
    let (file, password) = file_of(&world, AGENTS[0]);
    let wrong = deed(&bert, approve(&asked), &file, Some("not this one")).await;
    assert_eq!(wrong["state"], "failed", "{wrong}");
    let tries = proof::recorded(&world, "RECOVERY_KEY_UNLOCKING").await;
    assert!(matches!(tries.as_slice(), [(_, outcome, _)] if outcome == "failure"), "{tries:?}");
    // Whoever gives up at once leaves the try on record all the same.
    let guess = json!({ "deed": approve(&asked), "key": { "address": file, "secret": "nor this one" } });
    for tries in 2..5 {
        bert.done("begin_officer_deed", guess.clone()).await;
        assert_eq!(bert.done("end_officer_deed", json!({})).await["state"], "none");
        until("the try that was given up is on record", async || {
            let recorded = proof::recorded(&world, "RECOVERY_KEY_UNLOCKING").await;
            (recorded.len() == tries).then_some(())
        })
        .await;
    }
    let agreed = deed(&bert, approve(&asked), &file, Some(&password)).await;
    assert_eq!(agreed["approved"]["state"], "ready", "{agreed}");

    let mail = BASE64_STANDARD.encode(fs::read(at("mail.eml")).unwrap());
    let complete = |folder: &str, mails: Value| {
        json!({
            "id": asked["id"], "folder": folder, "passwordFile": null, "compatible": false, "mails": mails,
        })
    };
    let folder = at("in clear");
    for (mails, why) in [
        (json!([]), "no mail was given"),
        (json!([{ "name": "a.eml", "content": "no base64!" }]), "cut off on its way"),
        (json!([{ "name": "", "content": mail }]), "has no name"),
        (
            json!([{ "name": "a.eml", "content": mail }, { "name": "A.p7m", "content": mail }]),
            "would be written as",
        ),
    ] {
        let (_, told) = anna.refused("complete_recovery", complete(&folder, mails)).await;
        assert!(told.contains(why), "{why}: {told}");
    }
    let (_, relative) = anna
        .refused("complete_recovery", complete("in clear", json!([{ "name": "a", "content": "" }])))
        .await;
    assert!(relative.contains("is no whole path"), "{relative}");
    let one = json!([{ "name": "a.eml", "content": mail }]);
    for (place, why) in [
        (at("home"), "exists already"),
        (at("none/in clear"), "there is no folder to make"),
        (at(".in clear"), "would be hidden"),
        ("//host/share/in clear".to_owned(), "a network share or a device"),
    ] {
        let (_, told) = anna.refused("complete_recovery", complete(&place, one.clone())).await;
        assert!(told.contains(why), "{why}: {told}");
    }
    assert!(!world.folder().join("in clear").exists(), "made when there is something to be written");

    // A name cannot lead out of the folder.
    let given = json!([
        { "name": "../../outside.eml", "content": mail },
        { "name": "plain.eml", "content": BASE64_STANDARD.encode("Subject: none\r\n\r\nnot encrypted\r\n") },
    ]);
    let some = anna.done("complete_recovery", complete(&folder, given)).await;
    assert_eq!(some["closed"], false, "{some}");
    let inside = world.folder().join("in clear/outside.eml");
    assert_eq!(some["mails"][0]["path"], json!(inside), "{some}");
    assert!(fs::read_to_string(&inside).unwrap().contains("Grüße aus Köln"));
    assert!(some["mails"][1]["failure"].as_str().is_some(), "{some}");

    // The folder that was made for this request takes more of its mails, from the window that made it.
    let mode = fs::metadata(world.folder().join("in clear")).unwrap().permissions().mode();
    assert_eq!(mode & 0o777, 0o700);
    let elsewhere = desk_of(&world, "anna@desk-1").await;
    let (_, told) = elsewhere.refused("complete_recovery", complete(&folder, one)).await;
    assert!(told.contains("exists already"), "{told}");
    elsewhere.close().await;
    let last = json!([{ "name": "again.eml", "content": mail }]);
    let done = anna.done("complete_recovery", complete(&folder, last)).await;
    assert_eq!(done["closed"], true, "{done}");
    anna.close().await;
    bert.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_page_refuses_withdraws_and_holds_a_drill() {
    let world = World::of(2, 0).await;
    world.json(&["apply"]).await;
    let row = smime(&world).await;
    let which = row.certificate.id.to_string();
    let (anna, bert) = (desk_of(&world, "anna@desk-1").await, desk_of(&world, "bert@desk-2").await);
    let first = ask(&anna, &which, "fileForOther", Some("Kanzlei Müller")).await;
    assert_eq!((&first["to"], &first["needed"]), (&json!("Kanzlei Müller"), &json!(2)), "{first}");
    let (_, not_own) = bert.refused("withdraw_recovery", json!({ "id": first["id"] })).await;
    assert!(not_own.contains("anna"), "{not_own}");
    anna.done("withdraw_recovery", json!({ "id": first["id"] })).await;
    let second = ask(&anna, &which, "ownersDevices", None).await;
    let refusal = json!({ "id": second["id"], "reason": "no legal basis" });
    let (_, own) = anna.refused("refuse_recovery", refusal.clone()).await;
    assert!(own.contains("takes a request back"), "{own}");
    bert.done("refuse_recovery", refusal).await;
    let all = anna.done("recovery_desk", json!({ "all": true })).await;
    let states: Vec<&str> =
        all["requests"].as_array().unwrap().iter().map(|one| one["state"].as_str().unwrap()).collect();
    assert_eq!(states, ["refused", "withdrawn"]);
    let (code, _) = anna.refused("withdraw_recovery", json!({ "id": "nonsense" })).await;
    assert_eq!(code, "notFound");
    let incomplete = json!({
        "certificates": [which], "caseNumber": " ", "legalBasis": "b", "reason": "r", "wanted": "fileForOwner",
        "to": null, "days": 7,
    });
    let (_, missing) = anna.refused("request_recovery", incomplete).await;
    assert!(missing.contains("the case number is missing"), "{missing}");

    let (file, password) = file_of(&world, AGENTS[0]);
    let held = deed(&bert, json!({ "kind": "drill", "sample": 5 }), &file, Some(&password)).await;
    assert_eq!((&held["state"], &held["drill"]["succeeded"]), (&json!("done"), &json!(true)), "{held}");
    assert_eq!((&held["tried"], &held["of"]), (&held["drill"]["sample"], &held["drill"]["sample"]));

    // Later certificates of the same person, more than a page of them, hide no key of the wanted time. Ids grow with time, and
    // these begin anywhere: nearly all are newer.
    alter(
        &world,
        &format!(
            "with recursive n(i) as (select 1 union all select i + 1 from n where i < 150) insert into certificate select \
             randomblob(16), randomblob(16), subscriber, template, authority, purpose, serial, randomblob(20), \
             common_name, mail, cn_lc, mail_lc, 3 * not_after - 2 * not_before, 4 * not_after - 3 * not_before, state, \
             revoked_at, revoked_reason, archived, checked_at from certificate, n where id = x'{}'",
            which.replace('-', "")
        ),
    );
    let mut search = json!({ "search": row.certificate.mail, "from": null, "to": null });
    let newest = anna.done("recoverable_keys", search.clone()).await;
    assert_eq!((newest["keys"].as_array().map(Vec::len), &newest["more"]), (Some(100), &json!(true)));
    search["to"] = json!(row.certificate.not_after.to_string()[..10]);
    let then = anna.done("recoverable_keys", search).await;
    assert!(then["keys"].as_array().unwrap().iter().any(|key| key["certificate"] == json!(which)), "{then}");
    assert_eq!(then["more"], false, "{then}");

    let overview = anna.done("overview", json!({})).await;
    assert_eq!(overview["drill"]["opened"], held["drill"]["opened"], "{overview}");
    anna.close().await;
    bert.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_set_is_proposed_signed_and_extended_on_the_page() {
    let world = World::of(1, 0).await;
    let bert = desk_of(&world, "bert@desk-2").await;
    let before = bert.done("kra_set", json!({})).await;
    assert_eq!((&before["state"], before["list"].as_array().map(Vec::len)), (&json!("list"), Some(2)));
    let unsigned = &bert.done("recovery_desk", json!({ "all": false })).await["checks"][3];
    assert_eq!((&unsigned["what"], &unsigned["verdict"]), (&json!("set"), &json!("warning")), "{unsigned}");

    let keep: Vec<&Value> = before["list"].as_array().unwrap().iter().map(|one| &one["thumbprint"]).collect();
    let mut proposal =
        json!({ "name": " ", "quorum": 2, "approvals": 0, "keep": keep, "add": [], "mlKem": [] });
    let (_, nameless) = bert.refused("propose_kra_set", proposal.clone()).await;
    assert!(nameless.contains("needs a name"), "{nameless}");
    proposal["name"] = json!("Recovery");
    proposal["add"] =
        json!([{ "kind": "certificate", "name": "x.cer", "content": BASE64_STANDARD.encode("<html>") }]);
    let (code, no_certificate) = bert.refused("propose_kra_set", proposal.clone()).await;
    assert!(code == "invalid" && no_certificate.contains("x.cer holds no certificate"), "{no_certificate}");
    proposal["add"] = json!([]);
    let proposed = bert.done("propose_kra_set", proposal).await;
    let version = &proposed["versions"][0];
    assert_eq!(
        (&version["standing"], &version["quorum"], &version["needed"]),
        (&json!("proposed"), &json!(2), &json!(2))
    );
    assert_eq!(version["electors"].as_array().map(Vec::len), Some(2), "{version}");

    let sign = json!({ "kind": "signSet", "fingerprint": version["fingerprint"] });
    for (number, agent) in AGENTS.iter().enumerate() {
        let (file, password) = file_of(&world, agent);
        let signed = deed(&bert, sign.clone(), &file, Some(&password)).await;
        assert_eq!(signed["state"], "done", "{signed}");
        assert_eq!(
            (&signed["signed"]["collected"], &signed["signed"]["inForce"]),
            (&json!(number + 1), &json!(number == 1))
        );
    }
    let set = bert.done("kra_set", json!({})).await;
    assert_eq!((&set["state"], &set["pinned"]), (&json!("signed"), &version["fingerprint"]), "{set}");

    // A third officer, by the certificate; and the version says what it changes.
    let made = world.folder().join("third.p12");
    let password = world.folder().join("third.password");
    let third = [
        "kra",
        "create",
        "Cora Blümel",
        "--only-file",
        "--out",
        made.to_str().unwrap(),
        "--out-password",
        password.to_str().unwrap(),
    ];
    world.json(&third).await;
    let certificate = BASE64_STANDARD.encode(fs::read(made.with_extension("cer")).unwrap());
    let next = json!({
        "name": null, "quorum": 2, "approvals": 0, "keep": keep,
        "add": [{ "kind": "certificate", "name": "third.cer", "content": certificate }], "mlKem": [],
    });
    let proposed = bert.done("propose_kra_set", next.clone()).await;
    let (_, twice) = bert.refused("propose_kra_set", next.clone()).await;
    assert!(twice.contains("it says the same as version 2, which bert@desk-2 proposed on"), "{twice}");
    // It is taken back where it was proposed, by whoever did; everywhere else it is seen who and when, and nobody is asked.
    let open = json!({ "fingerprint": proposed["versions"][0]["fingerprint"] });
    assert_eq!(proposed["versions"][0]["withdrawable"], true);
    let print = open["fingerprint"].as_str().unwrap();
    let own = world.run(&["kra", "set", "withdraw"]).await;
    assert!(own.stderr.contains("no version that you proposed waits"), "{own:?}");
    let others = world.run(&["kra", "set", "withdraw", "--fingerprint", print]).await;
    assert!(others.stderr.contains("was proposed by bert@desk-2, who alone takes it back"), "{others:?}");
    let withdrawn = bert.done("withdraw_kra_set", open).await;
    let line = &withdrawn["versions"][0];
    assert_eq!(
        (&line["standing"], &line["withdrawnBy"]),
        (&json!("withdrawn"), &json!("bert@desk-2")),
        "{withdrawn}"
    );
    let shown = world.run(&["kra", "set", "show"]).await;
    assert!(shown.stdout.contains("version 2: taken back by bert@desk-2 on"), "{shown:?}");
    assert!(shown.stdout.contains("version 1: in force; new keys are sealed to it"), "{shown:?}");
    let found = world.run(&["doctor"]).await;
    assert!(!found.stdout.contains("version 2") && !found.stdout.contains("compete"), "{found:?}");
    let proposed = bert.done("propose_kra_set", next).await;
    let changes = proposed["versions"][0]["changes"].to_string();
    assert!(changes.contains("new: Cora Blümel") && changes.contains("before: 2 of 2"), "{changes}");
    let (_, foreign) =
        bert.refused("trust_kra_set", json!({ "fingerprint": proposed["versions"][0]["fingerprint"] })).await;
    assert!(!foreign.is_empty());
    let (code, _) = bert.refused("trust_kra_set", json!({ "fingerprint": "no fingerprint" })).await;
    assert_eq!(code, "invalid");
    // What is pinned is not replaced from a page, not even by itself; where nothing is, the right version is.
    let rightful = json!({ "fingerprint": set["pinned"] });
    let (code, already) = bert.refused("trust_kra_set", rightful.clone()).await;
    assert!(code == "notPossible" && already.contains("goes by version 1"), "{code} {already}");
    for name in ["kra-set.pin", "kra-set.agreed"] {
        fs::remove_file(world.home().join(name)).unwrap();
    }
    assert_eq!(bert.done("kra_set", json!({})).await["pinned"], Value::Null);
    let trusted = bert.done("trust_kra_set", rightful).await;
    assert_eq!((&trusted["state"], &trusted["pinned"]), (&json!("signed"), &set["pinned"]), "{trusted}");
    bert.close().await;
    let signed = proof::recorded(&world, "KRA_SET").await;
    assert!(signed.iter().filter(|(kind, _, _)| kind.contains("SIGN")).count() >= 2, "{signed:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_request_that_was_altered_is_shown_as_such_and_a_window_closes_over_a_waiting_deed() {
    let (world, keys) = staged().await;
    let row = smime(&world).await;
    let anna = desk_of(&world, "anna@desk-1").await;
    let asked = ask(&anna, &row.certificate.id.to_string(), "fileForOwner", None).await;
    alter(&world, "update recovery_request set body = replace(body, '4711/26', '4711/27')");
    let shown = &anna.done("recovery_desk", json!({ "all": false })).await["requests"][0];
    assert_eq!((&shown["id"], &shown["caseNumber"]), (&asked["id"], &json!("")), "{shown}");
    assert!(shown["notBelieved"].as_str().unwrap().contains("the signature"), "{shown}");

    let begin =
        json!({ "deed": { "kind": "drill", "sample": 1 }, "key": { "address": keys[2][1], "secret": null } });
    anna.done("begin_officer_deed", begin).await;
    until("the deed waits for a sign-in", async || {
        let line = anna.done("officer_deed", json!({})).await;
        assert_ne!(line["state"], "failed", "{line}");
        (line["state"] == "signIn").then_some(())
    })
    .await;
    anna.close().await;
}
