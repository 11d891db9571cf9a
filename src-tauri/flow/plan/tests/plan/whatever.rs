//! Whatever a directory may hold: text of any kind, also of the kinds that break programs.

use model::{Subscriber, SubscriberKind, Template};
use proptest::option;
use proptest::prelude::*;
use proptest::sample::select;

use crate::sample;

/// Names of people as they are, as they should not be, and as nobody thought of.
pub(crate) fn name() -> impl Strategy<Value = String> {
    prop_oneof![
        4 => select(vec![
            "Susi", "Weiß-Größer", "Jürgen von der Höh", "Ö", "عبد الرحمن", "\u{200f}משה\u{200f}", "李小龙", "Zoë 🎉",
            "🎉🎉", "Anna\u{0301}", "  Anna \t Berta\n", "R&amp;D", "AT&T", "susi@old.example", "a@b.c", "\u{fffd}", "",
            "\u{1b}[2J", "O'Neill-Żółć", "...", "\u{2028}", "Ⅷ", "x\0y", "&#246;",
        ]).prop_map(str::to_owned),
        2 => "\\PC{0,90}",
        1 => any::<String>(),
        1 => "[A-Za-zäöüß .-]{50,300}",
    ]
}

/// Addresses and sign-in names, well-formed and not.
pub(crate) fn address() -> impl Strategy<Value = String> {
    prop_oneof![
        4 => "[a-zA-Z0-9.+_-]{1,70}@[a-zA-Z0-9-]{1,20}(\\.[a-z]{2,8}){1,3}",
        2 => select(vec![
            "jürgen@nordwind.example", "susi@nördwind.example", "susi", "@", "a@b", "a@b.c", "a@b.1", "susi@nordwind.example.",
            "su si@nordwind.example", "susi@@nordwind.example", "a..b@nordwind.example", ".a@nordwind.example", "\"a b\"@c.de",
            "gast_web.de#EXT#@nordwind.onmicrosoft.com", "susi@-nordwind.example", "SUSI@NORDWIND.EXAMPLE", "a&b;c@d.example",
            "\u{200f}susi@nordwind.example", "susi@nordwind.example\n", "!@!", "💌@nordwind.example",
        ]).prop_map(str::to_owned),
        1 => "[a-z]{1,64}@([a-z]{1,63}\\.){1,4}[a-z]{2,63}",
        1 => any::<String>(),
    ]
}

/// A person or mailbox of any condition.
pub(crate) fn subscriber() -> impl Strategy<Value = Subscriber> {
    let names = (option::of(name()), option::of(name()), option::of(name()));
    let addresses = (address(), option::weighted(0.9, address()), proptest::collection::vec(address(), 0..3));
    let sid = option::of(prop_oneof![
        3 => Just("S-1-5-21-1004336348-1177238915-682003330-512".to_owned()),
        1 => "S-1-[0-9]{1,16}(-[0-9]{1,11}){0,17}",
        1 => any::<String>(),
    ]);
    (names, addresses, sid, any::<bool>(), any::<bool>()).prop_map(
        |(
            (display_name, given_name, surname),
            (user_principal_name, mail, aliases),
            sid,
            is_person,
            enabled,
        )| Subscriber {
            kind: if is_person { SubscriberKind::Person } else { SubscriberKind::SharedMailbox },
            user_principal_name,
            mail,
            aliases,
            display_name,
            given_name,
            surname,
            enabled,
            on_premises_sid: sid,
            ..sample::person()
        },
    )
}

/// One of the three ways to make names.
pub(crate) fn template() -> impl Strategy<Value = Template> {
    let by_mail = Template { common_name: model::CommonName::Mail, ..sample::smime() };
    select(vec![sample::smime(), by_mail, sample::mailbox_smime(), sample::sign_in()])
}
