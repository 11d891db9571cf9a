//! Writes changed settings into the file that a person wrote: what did not change keeps its place, its spelling and its
//! comments.

use toml::{Table, Value};
use toml_edit::{DocumentMut, Item, Table as Section};

/// The text of the file with everything in which `new` differs from `old`.
///
/// # Errors
/// When the text is not TOML.
pub(super) fn rewritten(text: &str, old: &Table, new: &Table) -> Result<String, toml_edit::TomlError> {
    let mut document: DocumentMut = text.parse()?;
    change(document.as_table_mut(), old, new)?;
    Ok(document.to_string())
}

fn change(section: &mut Section, old: &Table, new: &Table) -> Result<(), toml_edit::TomlError> {
    for key in old.keys().filter(|key| !new.contains_key(*key)) {
        section.remove(key);
    }
    for (key, value) in new {
        let former = old.get(key);
        if former == Some(value) {
            continue;
        }
        if let (Some(Value::Table(former)), Value::Table(value), Some(Item::Table(inner))) =
            (former, value, section.get_mut(key))
        {
            change(inner, former, value)?;
            continue;
        }
        let mut item = item(key, value)?;
        // A value keeps the blanks and the comment behind it.
        if let (Some(Item::Value(before)), Item::Value(after)) = (section.get(key), &mut item) {
            *after.decor_mut() = before.decor().clone();
        }
        // In its place, so that the lines above it stay.
        match section.get_mut(key) {
            Some(known) => *known = item,
            None => {
                section.insert(key, item);
            }
        }
    }
    Ok(())
}

/// The value as it stands in a file of its own.
fn item(key: &str, value: &Value) -> Result<Item, toml_edit::TomlError> {
    let alone = Table::from_iter([(key.to_owned(), value.clone())]);
    let mut document: DocumentMut = alone.to_string().parse()?;
    let mut item = document.remove(key).unwrap_or_default();
    // Where it stood in that file says nothing about this one.
    if let Item::Table(section) = &mut item {
        section.set_position(None);
        section.decor_mut().set_prefix("\n");
    }
    Ok(item)
}

#[cfg(test)]
mod tests {
    use super::*;

    const TEXT: &str = "# Ours.\n[tenant]\n# Copied.\nid = \"a\"   # the tenant\n\n[intune]\n# Compared on the server.\nkey-name = 'K'\n";

    fn table(text: &str) -> Table {
        text.parse().unwrap()
    }

    #[test]
    fn what_did_not_change_keeps_comments_and_spelling() {
        let new = "[tenant]\nid = \"b\"\n[intune]\nkey-name = \"K\"\nfingerprint = \"00\"\n[[mailboxes]]\naddress = \"x\"\n";
        let written = rewritten(TEXT, &table(TEXT), &table(new)).unwrap();
        assert_eq!(table(&written), table(new));
        assert!(
            written.starts_with("# Ours.\n[tenant]\n# Copied.\nid = \"b\"   # the tenant\n"),
            "{written}"
        );
        assert!(written.contains("# Compared on the server.\nkey-name = 'K'\n"), "{written}");
    }

    #[test]
    fn what_is_gone_is_removed_and_sections_are_replaced() {
        let old =
            "a = 1\n[tenant]\nid = \"a\"\n[[mailboxes]]\naddress = \"x\"\n[[mailboxes]]\naddress = \"y\"\n";
        for new in [
            "",
            "[[mailboxes]]\naddress = \"y\"\n",
            "a = 2\n[exchange]\npublish = true\n[tenant]\nid = \"a\"\n[tenant.sign-in]\nway = \"x\"\n",
        ] {
            let written = rewritten(old, &table(old), &table(new)).unwrap();
            assert_eq!(table(&written), table(new), "{written}");
        }
    }

    #[test]
    fn a_file_of_nothing_but_comments_stays_one() {
        let text = "# [tenant]\n# id = \"…\"\n";
        let new = "[limits]\nrevocations = 3\n";
        let written = rewritten(text, &Table::new(), &table(new)).unwrap();
        assert_eq!(table(&written), table(new));
        assert!(written.contains("# id = \"…\""), "{written}");
    }
}
