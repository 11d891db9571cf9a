//! `template …`: recipes come from files, and what is wrong with them is said before anybody is enrolled.

use std::fs;

use sim::{SimOptions, Tenant};

use crate::home::AUTHORITY;
use crate::world::{Pace, SIGN_IN, SMIME, World};

async fn bare() -> World {
    World::bare(SimOptions::new(Tenant::invent().people(2).build()), &Pace::default()).await
}

async fn names(world: &World) -> Vec<String> {
    let listed = world.json(&["template", "list"]).await;
    listed["templates"]
        .as_array()
        .unwrap()
        .iter()
        .map(|one| one["name"].as_str().unwrap().to_owned())
        .collect()
}

/// A printed template with some lines changed.
async fn printed(world: &World, changes: &[(&str, &str)]) -> String {
    let group = world.sim.smime_group().to_string();
    let mut text =
        world.run(&["template", "new", "Mail", "--group", &group, "--authority", AUTHORITY]).await.stdout;
    for (line, changed) in changes {
        assert!(text.contains(line), "`{line}` is not in {text}");
        text = text.replace(line, changed);
    }
    text
}

#[tokio::test(flavor = "multi_thread")]
async fn a_printed_template_can_be_imported_listed_shown_and_exported_as_it_is() {
    let world = bare().await;
    let text = printed(&world, &[]).await;
    let told = world.import_text(&text).await.done();
    assert_eq!((told["outcome"].as_str(), told["name"].as_str()), (Some("added"), Some("Mail")));
    assert_eq!(names(&world).await, ["Mail"]);
    let shown = world.json(&["template", "show", "mail"]).await;
    assert_eq!(
        (shown["name"].as_str(), shown["validity-days"].as_u64()),
        (Some("Mail"), Some(365)),
        "{shown}"
    );
    let exported = world.run(&["template", "export", "Mail"]).await.stdout;
    let mut table: toml::Table = exported.parse().unwrap();
    assert_eq!(table.remove("version").and_then(|version| version.as_integer()), Some(1));
    assert_eq!(table, text.parse::<toml::Table>().unwrap());
    let file = world.folder().join("exported.toml");
    world.json(&["template", "export", "Mail", "--out", file.to_str().unwrap()]).await;
    assert_eq!(fs::read_to_string(&file).unwrap().trim(), exported.trim());
    let linted = world.json(&["template", "lint"]).await;
    assert!(
        linted["findings"].as_array().unwrap().iter().all(|finding| finding["fatal"] == false),
        "{linted}"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn an_import_changes_the_template_that_was_exported_and_keeps_its_id() {
    let world = bare().await;
    let text = printed(&world, &[]).await;
    let first = world.import_text(&text).await.done();
    assert_eq!(world.import_text(&text).await.done()["outcome"], "unchanged");
    let exported = world.run(&["template", "export", "Mail"]).await.stdout;
    let changed = exported.replace("validity-days = 365", "validity-days = 300");
    let again = world.import_text(&changed).await.done();
    assert_eq!((again["outcome"].as_str(), &again["template"]), (Some("replaced"), &first["template"]));
    assert_eq!(world.import_text(&changed).await.done()["outcome"], "unchanged", "done twice is done once");
    // The log says which fields were changed, whoever stores a template.
    let audit = world.json(&["audit", "list"]).await;
    let told = audit["entries"].as_array().unwrap().iter().filter(|one| one["kind"] == "TEMPLATE_CHANGED");
    let told: Vec<&str> = told.map(|one| one["detail"].as_str().unwrap()).collect();
    assert_eq!(told, ["changed: validityDays", "added"], "the newest first: {audit}");
    assert_eq!(names(&world).await, ["Mail"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_import_does_not_overwrite_what_was_saved_since_the_export_unless_it_is_forced_to() {
    let world = bare().await;
    world.import_text(&printed(&world, &[]).await).await.done();
    let exported = world.run(&["template", "export", "Mail"]).await.stdout;
    let with = |days: u32| exported.replace("validity-days = 365", &format!("validity-days = {days}"));
    world.import_text(&with(300)).await.done();
    let days = async || world.json(&["template", "show", "Mail"]).await["validity-days"].as_u64();

    let late = world.import_text(&with(200)).await.failure();
    assert!(
        ["was changed since", "saved it", "version 2, the file shows 1", "--force"]
            .iter()
            .all(|part| late.contains(part)),
        "{late}"
    );
    // The same name printed elsewhere has another id, and says nothing of what it changes.
    let elsewhere = world.import_text(&printed(&world, &[]).await).await.failure();
    assert!(elsewhere.contains("is here already") && elsewhere.contains("--force"), "{elsewhere}");
    assert_eq!(days().await, Some(300), "nobody's work is lost");

    let file = world.folder().join("template.toml");
    fs::write(&file, with(200)).unwrap();
    let forced = world.run_json(&["template", "import", "--force", file.to_str().unwrap()]).await.done();
    assert_eq!((forced["outcome"].as_str(), days().await), (Some("replaced"), Some(200)));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_template_that_cannot_work_is_not_imported_and_lint_says_all_that_is_wrong() {
    let world = bare().await;
    let wrong = printed(
        &world,
        &[
            ("validity-days = 365", "validity-days = 900"),
            (&format!("authority = \"{AUTHORITY}\""), "authority = \"Nobody\""),
        ],
    )
    .await;
    let refused = world.import_text(&wrong).await.failure();
    assert!(refused.contains("authority") && refused.contains("template lint"), "{refused}");
    let file = world.folder().join("template.toml");
    let linted = world.run_json(&["template", "lint", file.to_str().unwrap()]).await;
    assert_eq!(linted.code, Some(3), "{linted:?}");
    let told = linted.json()["findings"].to_string();
    assert!(
        told.contains("there is no authority `Nobody`; there are: Story CA") && told.contains("825 days"),
        "{told}"
    );
    assert_eq!(names(&world).await, Vec::<String>::new());
}

#[tokio::test(flavor = "multi_thread")]
async fn an_organisation_that_no_certificate_can_name_is_refused_before_anybody_is_enrolled() {
    let world = bare().await;
    let mut template: toml::Table = printed(&world, &[]).await.parse().unwrap();
    for (identifier, country) in [("HRB 123456", "DE"), ("NTRDE-HRB1", "AT"), ("NTRDE-HRB1", "UK")] {
        let organization =
            format!("name = \"Nordwind\"\nidentifier = \"{identifier}\"\ncountry = \"{country}\"");
        template.insert("organization".to_owned(), organization.parse::<toml::Table>().unwrap().into());
        let refused = world.import_text(&template.to_string()).await.failure();
        assert!(refused.contains("organization"), "{refused}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_file_that_is_no_template_is_refused_with_the_line() {
    let world = bare().await;
    let page = world.import_text("<!DOCTYPE html>\n<html></html>\n").await.failure();
    assert!(page.contains("is not a template") && page.contains("template new"), "{page}");
    let unknown =
        world.import_text(&printed(&world, &[("archive = true", "archiv = true")]).await).await.failure();
    assert!(unknown.contains("archiv") && unknown.contains("line"), "{unknown}");
    let missing = world.run_json(&["template", "import", "no-such-file.toml"]).await.failure();
    assert!(missing.contains("no-such-file.toml"), "{missing}");
    let nobody = world.run_json(&["template", "show", "Nobody"]).await.failure();
    assert!(nobody.contains("there is no template `Nobody`") && nobody.contains("template list"), "{nobody}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_template_that_is_switched_off_enrols_nobody() {
    let world = World::of(2, 0).await;
    for name in [SMIME, SIGN_IN] {
        let text = world
            .run(&["template", "export", name])
            .await
            .stdout
            .replace("enabled = true", "enabled = false");
        world.import_text(&text).await.done();
    }
    let plan = world.json(&["plan"]).await;
    assert_eq!(plan["intents"].as_array().unwrap().len(), 0, "{plan}");
    let listed = world.run(&["template", "list"]).await.stdout;
    assert_eq!(listed.lines().filter(|line| line.contains(" off ")).count(), 2, "{listed}");
}
