//! A template as a file: TOML, with the version of the stored template that it shows, so that a change made in the file
//! never overwrites one that somebody else made meanwhile.

use std::path::Path;

use model::Template;
use store::VersionedTemplate;

use super::super::output::Failure;
use crate::mistaken::other_than_text;

/// The key of the version. It is no field of a template; it says what the file was written from.
const VERSION: &str = "version";

/// What a file holds.
pub(super) struct TemplateFile {
    pub(super) template: Template,
    /// The version of the stored template that was written; none in a file that was not exported.
    pub(super) version: Option<i64>,
}

impl TemplateFile {
    /// The stored one.
    pub(super) fn of(stored: &VersionedTemplate) -> Self {
        Self { template: stored.template.clone(), version: Some(stored.version) }
    }

    /// As it is written.
    pub(super) fn text(&self) -> Result<String, Failure> {
        let template = toml::to_string_pretty(&self.template)
            .map_err(|error| Failure::new(format!("the template cannot be written: {error}")))?;
        let Some(version) = self.version else { return Ok(template) };
        // Before the first table, where every line belongs to the template itself.
        Ok(format!(
            "# What this file shows; `template import` refuses it when somebody has saved another version since.\n\
             {VERSION} = {version}\n{template}"
        ))
    }

    /// Reads one; says file and line of what is wrong.
    pub(super) fn read(file: &Path) -> Result<Self, Failure> {
        let bytes = std::fs::read(file)
            .map_err(|error| Failure::new(format!("{} cannot be read: {error}", file.display())))?;
        let is_none = |why: String| {
            Failure::with_hint(
                format!("{} is not a template: {why}", file.display()),
                "`sealwright template new NAME` prints one to start from",
            )
        };
        // A template with a slip in it is TOML all the same, and what is wrong is told with its line.
        let other = other_than_text(&bytes).filter(|is| !is.starts_with("a template"));
        let text = std::str::from_utf8(&bytes).map_err(|error| error.to_string());
        match (text.and_then(|text| Self::parse(text).map_err(|error| error.to_string())), other) {
            (Ok(read), _) => Ok(read),
            (Err(_), Some(is)) => Err(is_none(format!("it is {is}"))),
            (Err(why), None) => Err(is_none(why)),
        }
    }

    fn parse(text: &str) -> Result<Self, toml::de::Error> {
        #[derive(serde::Deserialize)]
        struct Versioned {
            version: Option<i64>,
        }
        let Versioned { version } = toml::from_str(text)?;
        // The version's line becomes an empty one: what is wrong further down keeps its line number.
        let is_version = |line: &str| {
            line.trim_start()
                .strip_prefix(VERSION)
                .is_some_and(|rest| version.is_some() && rest.trim_start().starts_with('='))
        };
        let bare: Vec<&str> = text.lines().map(|line| if is_version(line) { "" } else { line }).collect();
        Ok(Self { template: toml::from_str(&bare.join("\n"))?, version })
    }
}
