//! The portable SQL in T-SQL.
//!
//! It knows five differences and no more: numbered parameters, `LIMIT`, the clock, rows that are to be passed over while
//! others hold them, and that a NULL has to stand in the text, because a parameter that is NULL has a type and T-SQL
//! converts no NULL of one type to every other. What is inside quotes is never touched. `LIMIT` becomes `TOP`, which asks
//! for no order, takes nought, and may stand in a subselect; the portable SQL has neither UNION nor OFFSET.

use std::borrow::Cow;
use std::fmt::Write as _;

/// Milliseconds since 1970 by the server's clock.
const NOW: &str = "DATEDIFF_BIG(millisecond, '1970-01-01', SYSUTCDATETIME())";

/// Behind the table of a SELECT that picks work: rows that another unit of work holds are not there.
const FREE: &str = " WITH (UPDLOCK, ROWLOCK, READPAST)";

/// Where in the output a SELECT has its places.
#[derive(Clone, Copy, Default)]
struct Select {
    /// Behind SELECT or SELECT DISTINCT, for TOP.
    top: Option<usize>,
    /// Behind its first table, for hints.
    table: Option<usize>,
}

/// The portable text in T-SQL; each `?` becomes `@P` with its number.
pub(crate) fn translate(sql: &str) -> String {
    let mut out = String::with_capacity(sql.len() + 64);
    // The innermost open parenthesis comes last.
    let mut selects = vec![Select::default()];
    let mut parameters = 0_usize;
    let mut rest = sql;
    while !rest.is_empty() {
        let token = token(rest);
        let innermost = selects.len().saturating_sub(1);
        let here = selects.get(innermost).copied().unwrap_or_default();
        let mut change = |select: Select| {
            if let Some(slot) = selects.get_mut(innermost) {
                *slot = select;
            }
        };
        rest = &rest[token.len()..];
        match (token.to_ascii_uppercase().as_str(), here) {
            ("?", _) => {
                parameters += 1;
                let _ = write!(out, "@P{parameters}");
            }
            ("{NOW}", _) => out.push_str(NOW),
            ("{+}", _) => {}
            ("{FREE}", Select { table: Some(table), .. }) => {
                out.truncate(out.trim_end().len());
                out.insert_str(table, FREE);
            }
            ("(", _) => {
                out.push('(');
                selects.push(Select::default());
            }
            (")", _) => {
                out.push(')');
                selects.pop();
            }
            ("SELECT", _) => {
                out.push_str(token);
                change(Select { top: Some(out.len()), table: None });
            }
            ("DISTINCT", Select { top: Some(top), .. }) if out[top..].trim().is_empty() => {
                out.push_str(token);
                change(Select { top: Some(out.len()), table: None });
            }
            ("FROM", Select { top: Some(_), table: None }) => {
                let name = rest.trim_start();
                let length = rest.len() - name.len() + word(name);
                out.push_str(token);
                out.push_str(&rest[..length]);
                rest = &rest[length..];
                // A subselect has no name here.
                change(Select { table: (word(name) > 0).then_some(out.len()), ..here });
            }
            ("LIMIT", Select { top: Some(top), table }) => {
                let number = self::token(rest.trim_start());
                rest = &rest.trim_start()[number.len()..];
                let limit = if number == "?" {
                    parameters += 1;
                    format!(" TOP (@P{parameters})")
                } else {
                    format!(" TOP ({number})")
                };
                out.truncate(out.trim_end().len());
                out.insert_str(top, &limit);
                change(Select { top: None, table: table.map(|table| table + limit.len()) });
            }
            _ => out.push_str(token),
        }
    }
    out
}

/// The next piece of a text that is not empty: something quoted, a mark in braces, a word, or one character.
fn token(text: &str) -> &str {
    let length = match text.chars().next() {
        Some('\'') => quoted(text),
        Some('{') => text.find('}').map_or(1, |end| end + 1),
        Some(first) if is_word(first) => word(text),
        Some(first) => first.len_utf8(),
        None => 0,
    };
    &text[..length]
}

/// The T-SQL text with NULL in the place of each parameter that `is_null` (counted from nought).
pub(super) fn with_nulls(sql: &str, is_null: impl Fn(usize) -> bool) -> Cow<'_, str> {
    let mut out = String::new();
    let mut kept = 0;
    let mut at = 0;
    while let Some(first) = sql[at..].chars().next() {
        let rest = &sql[at..];
        at += match first {
            '\'' => quoted(rest),
            '@' if rest.starts_with("@P") => {
                let length = 1 + word(&rest[1..]);
                let number = rest[2..length].parse::<usize>().ok().and_then(|number| number.checked_sub(1));
                if number.is_some_and(&is_null) {
                    out.push_str(&sql[kept..at]);
                    out.push_str("NULL");
                    kept = at + length;
                }
                length
            }
            other => other.len_utf8(),
        };
    }
    if kept == 0 {
        return Cow::Borrowed(sql);
    }
    out.push_str(&sql[kept..]);
    Cow::Owned(out)
}

const fn is_word(char: char) -> bool {
    char.is_ascii_alphanumeric() || char == '_'
}

/// Length of the word at the beginning.
fn word(text: &str) -> usize {
    text.find(|char| !is_word(char)).unwrap_or(text.len())
}

/// Length of the quoted text at the beginning; a doubled quote ends it and begins the next one.
fn quoted(text: &str) -> usize {
    text[1..].find('\'').map_or(text.len(), |end| end + 2)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parameters_are_numbered_in_their_order() {
        assert_eq!(
            translate("UPDATE t SET a = ?, b = ? WHERE id = ?"),
            "UPDATE t SET a = @P1, b = @P2 WHERE id = @P3"
        );
    }

    #[test]
    fn a_limit_stands_behind_its_select_and_keeps_its_number() {
        assert_eq!(
            translate("SELECT id FROM t WHERE a > ? ORDER BY id LIMIT ?"),
            "SELECT TOP (@P2) id FROM t WHERE a > @P1 ORDER BY id"
        );
        assert_eq!(translate("SELECT a FROM t ORDER BY a LIMIT 1"), "SELECT TOP (1) a FROM t ORDER BY a");
        assert_eq!(
            translate("SELECT DISTINCT a FROM t\n  ORDER BY a\n  LIMIT ?"),
            "SELECT DISTINCT TOP (@P1) a FROM t\n  ORDER BY a"
        );
    }

    #[test]
    fn a_limit_belongs_to_the_select_of_its_own_parentheses() {
        assert_eq!(
            translate("SELECT COUNT(*) FROM (SELECT id FROM t WHERE s IN (?, ?) LIMIT ?) AS matching"),
            "SELECT COUNT(*) FROM (SELECT TOP (@P3) id FROM t WHERE s IN (@P1, @P2)) AS matching"
        );
        assert_eq!(
            translate("SELECT a FROM t WHERE EXISTS (SELECT 1 FROM u WHERE u.x = ?) ORDER BY a LIMIT ?"),
            "SELECT TOP (@P2) a FROM t WHERE EXISTS (SELECT 1 FROM u WHERE u.x = @P1) ORDER BY a"
        );
    }

    #[test]
    fn the_clock_is_the_servers_and_hints_for_other_planners_vanish() {
        assert_eq!(
            translate("SELECT {+}n.state FROM t n WHERE until < {now} AND {+}a = ?"),
            format!("SELECT n.state FROM t n WHERE until < {NOW} AND a = @P1")
        );
    }

    #[test]
    fn work_that_others_are_about_to_take_is_passed_over() {
        assert_eq!(
            translate("SELECT id FROM job WHERE due_at <= ? ORDER BY due_at, id LIMIT ? {free}"),
            "SELECT TOP (@P2) id FROM job WITH (UPDLOCK, ROWLOCK, READPAST) WHERE due_at <= @P1 ORDER BY due_at, id"
        );
    }

    #[test]
    fn quoted_text_stays_as_it_is() {
        let sql = "SELECT 'why? it''s {now}, LIMIT ?', {now} FROM t -- zoë";
        assert_eq!(translate(sql), format!("SELECT 'why? it''s {{now}}, LIMIT ?', {NOW} FROM t -- zoë"));
        assert_eq!(translate("SELECT 'open ?"), "SELECT 'open ?");
    }

    #[test]
    fn names_that_only_begin_like_a_keyword_stay() {
        let sql = "SELECT limit_at, selected FROM t";
        assert_eq!(translate(sql), sql);
    }

    #[test]
    fn nulls_stand_in_the_text_and_other_parameters_keep_their_numbers() {
        let sql = "UPDATE t SET a = @P1, b = COALESCE(@P2, b), c = '@P2' WHERE d = @P12 OR e = @P2";
        assert_eq!(
            with_nulls(sql, |n| n == 1),
            "UPDATE t SET a = @P1, b = COALESCE(NULL, b), c = '@P2' WHERE d = @P12 OR e = NULL"
        );
        assert!(matches!(with_nulls(sql, |_| false), Cow::Borrowed(_)));
    }
}
