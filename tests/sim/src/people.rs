//! Inventing people: plausible European names with the letters that break naive programs, the same for the same seed.

use std::collections::HashSet;

use uuid::Uuid;

use crate::{Device, MailboxPurpose, Platform, User};

/// A small seeded generator (`SplitMix64`). Nothing secret comes out of it: names, ids and choices only.
#[derive(Clone, Debug)]
pub(crate) struct Dice(u64);

impl Dice {
    pub(crate) fn new(seed: u64) -> Self {
        Self(seed ^ 0x5EA1_5EA1_5EA1_5EA1)
    }

    pub(crate) fn roll(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        mixed ^ (mixed >> 31)
    }

    /// Below `bound`, which must not be 0.
    pub(crate) fn below(&mut self, bound: usize) -> usize {
        usize::try_from(self.roll() % (bound as u64)).unwrap_or(0)
    }

    /// `true` in `percent` of 100 cases.
    pub(crate) fn chance(&mut self, percent: usize) -> bool {
        self.below(100) < percent
    }

    pub(crate) fn pick<'a>(&mut self, list: &[&'a str]) -> &'a str {
        list[self.below(list.len())]
    }

    pub(crate) fn uuid(&mut self) -> Uuid {
        let bytes = (u128::from(self.roll()) << 64 | u128::from(self.roll())).to_be_bytes();
        uuid::Builder::from_random_bytes(bytes).into_uuid()
    }
}

/// Names of one origin, so that given name and surname fit.
struct Origin {
    weight: usize,
    country: &'static str,
    language: &'static str,
    given: &'static [&'static str],
    surnames: &'static [&'static str],
}

const ORIGINS: &[Origin] = &[
    Origin {
        weight: 55,
        country: "DE",
        language: "de-DE",
        given: &[
            "Anna",
            "Jürgen",
            "Katharina",
            "Björn",
            "Sabine",
            "Jörg",
            "Käthe",
            "Lukas",
            "Marlene",
            "Günther",
            "Susanne",
            "Sören",
            "Heike",
            "Matthias",
            "Änne",
            "Thorsten",
            "Ursula",
            "Felix",
            "Jana",
            "Götz",
            "Ulrike",
            "Hannes",
            "Birgit",
            "Rüdiger",
            "Friederike",
            "Moritz",
            "Gisela",
            "Till",
            "Bärbel",
            "Jonas",
            "Antje",
            "Klaus-Dieter",
            "Marie-Luise",
            "Jens",
            "Petra",
            "Wolfgang",
            "Silke",
            "Holger",
            "Traudl",
            "Nils",
        ],
        surnames: &[
            "Müller",
            "Schmidt",
            "Weiß",
            "Schäfer",
            "Köhler",
            "Groß",
            "Krüger",
            "Böhm",
            "Vogel",
            "Jäger",
            "Schröder",
            "Lübbers",
            "Hansen",
            "Brückner",
            "Großmann",
            "Kühn",
            "Petersen",
            "Löffler",
            "von der Heide",
            "Strauß",
            "Fröhlich",
            "Meyer-Landrut",
            "Hübner",
            "Preuß",
            "Claßen",
            "Zöllner",
            "Eßer",
            "Döring",
            "Lütke-Westhues",
            "Möller",
            "Voß",
            "Sauerländer",
            "Oßwald",
            "Grünewald",
            "Thode",
            "Kästner",
            "Rößler",
            "Büchner",
            "Ahlers",
            "Wächter",
        ],
    },
    Origin {
        weight: 9,
        country: "PL",
        language: "pl-PL",
        given: &["Łukasz", "Agnieszka", "Paweł", "Małgorzata", "Michał", "Zofia", "Grażyna", "Krzysztof"],
        surnames: &["Wójcik", "Dąbrowska", "Kamiński", "Łęcki", "Żak", "Król", "Wiśniewska", "Gołąb"],
    },
    Origin {
        weight: 8,
        country: "FR",
        language: "fr-FR",
        given: &["Renée", "François", "Zoé", "Hélène", "Jérôme", "Anaïs", "Loïc", "Chloé"],
        surnames: &["Lefèvre", "Dubois", "Garçon", "Béranger", "d'Aubigné", "Châtelet", "Moreau", "L'Hôte"],
    },
    Origin {
        weight: 7,
        country: "ES",
        language: "es-ES",
        given: &["José", "María", "Iñigo", "Begoña", "Andrés", "Lucía", "Ramón", "Inés"],
        surnames: &[
            "Muñoz",
            "Peña",
            "García Núñez",
            "Ibáñez",
            "Castaño",
            "Gutiérrez",
            "de la Cruz",
            "Ordóñez",
        ],
    },
    Origin {
        weight: 7,
        country: "SE",
        language: "sv-SE",
        given: &["Åsa", "Göran", "Märta", "Bjarne", "Søren", "Ingrid", "Øyvind", "Lærke"],
        surnames: &["Ångström", "Sjöberg", "Bjørnstad", "Lindqvist", "Næss", "Østergård", "Hägglund", "Kjær"],
    },
    Origin {
        weight: 5,
        country: "CZ",
        language: "cs-CZ",
        given: &["Jiří", "Zdeňka", "Ondřej", "Božena", "Tomáš", "Kateřina"],
        surnames: &["Dvořák", "Novotná", "Černý", "Růžička", "Šťastný", "Hájková"],
    },
    Origin {
        weight: 5,
        country: "TR",
        language: "tr-TR",
        given: &["Ayşe", "Çağlar", "Gülşen", "İbrahim", "Şule", "Ozan"],
        surnames: &["Yıldız", "Öztürk", "Çelik", "Güneş", "Şahin", "Kılıç"],
    },
    Origin {
        weight: 4,
        country: "HU",
        language: "hu-HU",
        given: &["Győző", "Éva", "Árpád", "Zsófia"],
        surnames: &["Szőke", "Kovács", "Ötvös", "Fűrész"],
    },
];

/// Present in every tenant that is large enough: a small demo meets the hard letters too.
const ALWAYS: &[(&str, &str, usize)] = &[
    ("Jürgen", "Groß", 0),
    ("Zoë", "Müller-Lüdenscheidt", 0),
    ("Łukasz", "Wójcik", 1),
    ("José", "Muñoz", 3),
    ("Renée", "d'Aubigné", 2),
    ("Søren", "Ångström", 4),
];

const DEPARTMENTS: &[&str] = &[
    "Einkauf",
    "Vertrieb",
    "Entwicklung",
    "Geschäftsführung",
    "Personal",
    "Buchhaltung",
    "Qualität",
    "Außendienst",
];
const TITLES: &[&str] =
    &["Sachbearbeitung", "Leitung", "Ingenieurwesen", "Assistenz", "Projektleitung", "Beratung"];
const CITIES: &[&str] = &["Hamburg", "München", "Köln", "Zürich", "Gdańsk", "Malmö", "Saarbrücken", "Wien"];

/// The shared mailboxes that every office seems to have: local part and name shown.
const MAILBOXES: &[(&str, &str)] = &[
    ("info", "Information"),
    ("rechnung", "Rechnungsprüfung"),
    ("einkauf", "Einkauf Süd"),
    ("bewerbung", "Bewerbungen"),
    ("support", "Support"),
    ("datenschutz", "Datenschutz"),
    ("presse", "Pressestelle"),
    ("bestellung", "Bestellbüro"),
];

/// The user object of the shared mailbox number `index`.
pub(crate) fn mailbox(index: usize, domain: &str, dice: &mut Dice) -> User {
    let (local, name) = match MAILBOXES.get(index) {
        Some((local, name)) => ((*local).to_owned(), (*name).to_owned()),
        None => (format!("team{}", index + 1), format!("Team {}", index + 1)),
    };
    let mut user = User::new(dice.uuid(), &format!("{local}@{domain}"));
    user.display_name = Some(name);
    user.account_enabled = false;
    user.purpose = MailboxPurpose::Shared;
    user.intune_licensed = false;
    user.devices.clear();
    user
}

/// So many enabled people with distinct addresses under `domain`.
pub(crate) fn invent(count: usize, domain: &str, dice: &mut Dice) -> Vec<User> {
    let mut taken = HashSet::with_capacity(count * 2);
    // Shared mailboxes may come later.
    taken.extend(MAILBOXES.iter().map(|(local, _)| format!("{local}@{domain}")));
    let authority = format!("S-1-5-21-{}-{}-{}", dice.roll() >> 33, dice.roll() >> 33, dice.roll() >> 33);
    let total: usize = ORIGINS.iter().map(|origin| origin.weight).sum();
    (0..count)
        .map(|index| {
            let (given, surname, origin) = if let Some((given, surname, origin)) = ALWAYS.get(index) {
                (*given, *surname, &ORIGINS[*origin])
            } else {
                let origin = origin_at(dice.below(total));
                (dice.pick(origin.given), dice.pick(origin.surnames), origin)
            };
            person(index, (given, surname), origin, domain, &authority, &mut taken, dice)
        })
        .collect()
}

fn origin_at(mut point: usize) -> &'static Origin {
    for origin in ORIGINS {
        if point < origin.weight {
            return origin;
        }
        point -= origin.weight;
    }
    &ORIGINS[0]
}

fn person(
    index: usize,
    (given, surname): (&str, &str),
    origin: &Origin,
    domain: &str,
    authority: &str,
    taken: &mut HashSet<String>,
    dice: &mut Dice,
) -> User {
    let (folded_given, folded_surname) = (fold(given), fold(surname));
    let mail = free_address(&format!("{folded_given}.{folded_surname}"), domain, taken);
    // Some firms sign in with a short name that is not the mail address.
    let name = if index % 7 == 6 {
        let initial = folded_given.chars().next().unwrap_or('x');
        free_address(&format!("{initial}{folded_surname}"), domain, taken)
    } else {
        mail.clone()
    };
    let mut user = User::new(dice.uuid(), &name);
    user.proxy_addresses = vec![format!("SMTP:{mail}")];
    if dice.chance(20) {
        let alias = free_address(&format!("{folded_surname}.{folded_given}"), domain, taken);
        user.proxy_addresses.push(format!("smtp:{alias}"));
    }
    user.mail_nickname = mail.split('@').next().map(str::to_owned);
    user.mail = Some(mail);
    user.display_name = Some(format!("{given} {surname}"));
    user.given_name = Some(given.to_owned());
    user.surname = Some(surname.to_owned());
    user.job_title = dice.chance(70).then(|| dice.pick(TITLES).to_owned());
    user.department = Some(dice.pick(DEPARTMENTS).to_owned());
    user.company_name = Some("Nordwind Reederei GmbH".to_owned());
    user.city = Some(dice.pick(CITIES).to_owned());
    user.country = Some(origin.country.to_owned());
    user.usage_location = Some(origin.country.to_owned());
    user.preferred_language = Some(origin.language.to_owned());
    user.employee_id = Some(format!("{:05}", 10_000 + index));
    user.created_date_time = Some("2024-03-01T08:00:00Z".to_owned());
    if dice.chance(50) {
        user.on_premises_sync_enabled = Some(true);
        user.on_premises_security_identifier = Some(format!("{authority}-{}", 1104 + index));
        user.on_premises_sam_account_name = Some(folded_surname.chars().take(20).collect());
        user.on_premises_domain_name = Some(format!("ad.{domain}"));
    }
    user.devices = devices(index, domain, dice);
    user
}

/// One laptop, and in most cases a phone.
fn devices(index: usize, domain: &str, dice: &mut Dice) -> Vec<Device> {
    let site: String =
        domain.chars().filter(char::is_ascii_alphanumeric).take(2).collect::<String>().to_uppercase();
    let platform = if dice.chance(75) { Platform::Windows } else { Platform::MacOs };
    let mut devices = vec![Device { name: format!("{site}-LT-{:05}", index + 1), platform }];
    if dice.chance(60) {
        let platform = if dice.chance(50) { Platform::Ios } else { Platform::Android };
        devices.push(Device { name: format!("{site}-PH-{:05}", index + 1), platform });
    }
    devices
}

/// `local@domain`, or `local2@domain` and so on when taken.
fn free_address(local: &str, domain: &str, taken: &mut HashSet<String>) -> String {
    let local = if local.is_empty() { "person" } else { local };
    let mut address = format!("{local}@{domain}");
    let mut number = 2;
    while !taken.insert(address.clone()) {
        address = format!("{local}{number}@{domain}");
        number += 1;
    }
    address
}

/// A name as the left half of a mail address: lower-case ASCII letters, digits and hyphens.
fn fold(name: &str) -> String {
    let mut folded = String::with_capacity(name.len() + 2);
    for letter in name.chars().flat_map(char::to_lowercase) {
        match letter {
            'a'..='z' | '0'..='9' | '-' => folded.push(letter),
            'ä' | 'æ' => folded.push_str("ae"),
            'ö' | 'ø' | 'ő' => folded.push_str("oe"),
            'ü' | 'ű' => folded.push_str("ue"),
            'ß' => folded.push_str("ss"),
            'å' => folded.push_str("aa"),
            'à' | 'á' | 'â' | 'ą' => folded.push('a'),
            'ç' | 'č' | 'ć' => folded.push('c'),
            'ď' | 'đ' => folded.push('d'),
            'è' | 'é' | 'ê' | 'ë' | 'ę' | 'ě' => folded.push('e'),
            'ğ' => folded.push('g'),
            'ì' | 'í' | 'î' | 'ï' | 'ı' => folded.push('i'),
            'ł' => folded.push('l'),
            'ñ' | 'ń' | 'ň' => folded.push('n'),
            'ó' | 'ô' => folded.push('o'),
            'ř' => folded.push('r'),
            'ş' | 'š' | 'ś' => folded.push('s'),
            'ť' => folded.push('t'),
            'ú' | 'ů' => folded.push('u'),
            'ý' => folded.push('y'),
            'ż' | 'ž' | 'ź' => folded.push('z'),
            _ => {}
        }
    }
    folded
}
