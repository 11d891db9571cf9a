//! A PowerShell script that publishes in the address list, for an Exchange administrator: the way where the application gets no role
//! in Exchange.
//!
//! It holds nothing secret. Names are written as PowerShell's literal strings; everything else is base64 or hexadecimal.

use std::fmt::Write as _;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use lifecycle::{Wish, wish};
use model::text::printable;
use model::{Publication, SubscriberId, Timestamp};
use store::{Store, StoreError};

/// Subscribers that are looked at in one reading.
const PAGE: u32 = 200;

/// A script.
pub(crate) struct Script {
    /// Its text.
    pub(crate) text: String,
    /// How many entries it is for.
    pub(crate) entries: usize,
}

const HEAD: &str = r#"# Publishes certificates in the global address list. Made by Sealwright on @MADE@.
# Run it in PowerShell 7 as somebody who holds the Exchange role "Mail Recipients". It can be run again: what others published
# stays, and what is as it should be is not touched.
#Requires -Modules ExchangeOnlineManagement
$ErrorActionPreference = 'Stop'
Connect-ExchangeOnline -ShowBanner:$false
$failed = 0

function Get-Thumbprint($bytes) {
    try { [System.Security.Cryptography.X509Certificates.X509Certificate2]::new([byte[]]$bytes).Thumbprint } catch { '' }
}

# Adds one certificate to an entry (none where it is empty), and takes those out whose thumbprints are named.
function Publish($name, $identity, $add, $remove) {
    try {
        $mailbox = Get-Mailbox -Identity $identity
        if ($null -eq $mailbox.PSObject.Properties['UserCertificate'] -or "$($mailbox.ExternalDirectoryObjectId)" -ne $identity) {
            throw 'Exchange did not tell this entry in full; nothing was changed'
        }
        if ($mailbox.IsDirSynced) { Write-Warning "$name comes from a directory on premises; change userCertificate there"; return }
        $list = [System.Collections.ArrayList]::new()
        $there = @()
        foreach ($value in @($mailbox.UserCertificate)) {
            if ($null -eq $value) { continue }
            $thumbprint = Get-Thumbprint $value
            $there += $thumbprint
            if ($thumbprint -eq '' -or $thumbprint -notin $remove) { [void]$list.Add([byte[]]$value) }
        }
        if ($add -ne '') {
            $new = [Convert]::FromBase64String($add)
            if ((Get-Thumbprint $new) -notin $there) { [void]$list.Add($new) }
        }
        if ($list.Count -eq $there.Count -and -not ($there | Where-Object { $_ -in $remove })) { return }
        if ($list.Count -eq 0) { Set-Mailbox -Identity $identity -UserCertificate $null }
        else { Set-Mailbox -Identity $identity -UserCertificate $list }
        "$name is published"
    } catch {
        $script:failed++
        Write-Warning "${name}: $_"
    }
}

"#;

/// Writes it for everybody who has, or had, a certificate.
pub(crate) async fn write(store: &dyn Store, now: Timestamp) -> Result<Script, StoreError> {
    let mut script = Script { text: HEAD.replace("@MADE@", &now.to_string()), entries: 0 };
    let mut after: Option<SubscriberId> = None;
    loop {
        let mut work = store.read().await?;
        let rows = work.subscribers().list_all(after, PAGE).await?;
        let Some(last) = rows.last() else { break };
        after = Some(last.subscriber.id);
        for row in &rows {
            let subscriber = &row.subscriber;
            let wish = wish(work.as_mut(), Publication::EXCHANGE, subscriber.id, now).await?;
            if wish == Wish::default() {
                continue;
            }
            let name = subscriber.mail.as_deref().unwrap_or(&subscriber.user_principal_name);
            script.entries += 1;
            script.text.push_str(&line(name, subscriber.id, &wish));
        }
    }
    script.text.push_str("\nif ($failed -gt 0) { throw \"$failed entries could not be changed\" }\n");
    Ok(script)
}

fn line(name: &str, holder: SubscriberId, wish: &Wish) -> String {
    let add = wish.add.as_ref().map(|der| STANDARD.encode(der)).unwrap_or_default();
    let remove: Vec<String> =
        wish.remove.iter().map(|one| format!("'{}'", one.to_string().to_uppercase())).collect();
    let mut text = String::new();
    // Writing to a string does not fail.
    let _ = writeln!(text, "Publish {} '{holder}' '{add}' @({})", literal(name), remove.join(", "));
    text
}

/// A literal string of PowerShell, for which typographic quotes are quotes as well.
fn literal(text: &str) -> String {
    let mut quoted = String::from("'");
    for letter in printable(text).chars() {
        if matches!(letter, '\'' | '\u{2018}'..='\u{201b}') {
            quoted.push(letter);
        }
        quoted.push(letter);
    }
    quoted.push('\'');
    quoted
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_name_gets_out_of_its_string() {
        assert_eq!(literal("o'neil@example.com"), "'o''neil@example.com'");
        assert_eq!(literal("a\u{2019}; Remove-Mailbox"), "'a\u{2019}\u{2019}; Remove-Mailbox'");
        assert_eq!(literal("$(x) `n \"y\""), "'$(x) `n \"y\"'", "nothing is expanded in a literal string");
        assert!(!literal("a\n'b\r").contains(['\n', '\r']));
    }

    #[test]
    fn a_line_holds_the_certificate_and_what_is_to_go() {
        let wish = Wish { add: Some(vec![48, 130]), remove: vec![model::Thumbprint::new([0xab; 20])] };
        let holder: SubscriberId = uuid::Uuid::from_u128(7).into();
        assert_eq!(
            line("info@example.com", holder, &wish),
            format!(
                "Publish 'info@example.com' '00000000-0000-0000-0000-000000000007' 'MII=' @('{}')\n",
                "AB".repeat(20)
            )
        );
    }
}
