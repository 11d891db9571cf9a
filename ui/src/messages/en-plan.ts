import { counted } from "./numbers";

// English texts about what the next cycle would do.
const count = counted("en");

export const planEn = {
  tabs: { enrollments: "Enrollments", plan: "Next cycle", campaigns: "Campaigns" },
  planOnly: "Plan only",
  planOnlyHint: "Decides anew by what was read of the directory last; nothing is done",
  runNow: "Run now",
  runNowHint: "Reads the directory, plans, and does it, within the limits",
  heading: "What the next cycle would do",
  intro:
    "By what was read of the directory last, by the same rules and limits as the service's. Reasons are told in the plan's own words.",
  considered: (n: number) => count(n, "person or mailbox is due", "people and mailboxes are due"),
  notWhole: (n: number) =>
    `Not everything that is due is looked at here: of people, the first ${n.toLocaleString("en")}.`,
  unread: "The directory was not read as a whole yet, so nothing is revoked.",
  confirmedAt: (at: string) => `last read as a whole ${at}`,
  figures: {
    enroll: "First certificates",
    renew: "Renewals",
    replace: "Replacements",
    revoke: "Revocations",
    hold: "Holds",
    release: "Holds lifted",
    deliveries: "Deliveries",
    removed: "Removals",
    hindered: "Hindered",
  },
  figureHints: {
    enroll: "for who has none",
    renew: "of certificates that end",
    replace: "after a new name or address, or other people at a mailbox",
    revoke: "of who left, of former names and mailbox keys",
    hold: "of blocked accounts, within the limit of revocations",
    release: "of accounts that are no longer blocked",
    deliveries: "to devices: new keys, and repeated ones",
    removed: "at Intune, and in the address list",
    hindered: "something stands in the way",
  },
  limits: {
    heading: "Limits of 24 hours",
    revocations: "Revocations",
    replacements: "Replacements",
    of: (done: string, allowed: string) => `${done} of ${allowed} done`,
    hint: "[limits] in sealwright.toml of each installation; the daemon goes by its own. First certificates, renewals, deliveries and removals are not counted.",
  },
  withheld: {
    revocations: (n: number) =>
      `${count(n, "revocation is", "revocations are")} due, which is more than the limit allows. None of them happens by itself.`,
    replacements: (n: number) =>
      `${count(n, "replacement waits", "replacements wait")} for tomorrow, because the limit is used up.`,
    look: "Look below who it is. If a group was emptied by mistake, fill it again: the next complete readings take the notices back. If it is right, two persons carry it out on the command line:",
    steps: {
      save: "one person saves the plan",
      approve: "a second person, on another machine of the fleet, looks at it and approves",
      apply: "either of them has it done",
    },
    copy: (command: string) => `Copy: ${command}`,
  },
  intents: {
    heading: "What would be done",
    none: "Nothing is to be done.",
    more: (n: number) => `and ${n.toLocaleString("en")} more`,
    columns: { what: "What", who: "Who", template: "Template", why: "Why" },
    verbs: {
      enroll: "Enroll",
      renew: "Renew",
      replace: "Replace",
      revoke: "Revoke",
      hold: "Put on hold",
      release: "Lift hold",
    },
  },
  cost: {
    heading: "Cost",
    hint: "What the first certificates, renewals and replacements cost, by [prices] in sealwright.toml of this installation.",
    unpriced: (n: number) => count(n, "certificate without a price", "certificates without a price"),
    unknown: "not known",
    columns: {
      template: "Template",
      authority: "Authority",
      orders: "Certificates",
      price: "One",
      sum: "Together",
    },
  },
  handed: {
    heading: "Deliveries to several people, and repeated ones",
    columns: { to: "To the devices of" },
    retried: "Tried again",
  },
  removals: {
    heading: "What is taken back",
    hint: "What lies on devices stays there. None of it counts against a limit.",
    columns: { from: "From" },
    causes: {
      holderLeft: "Intune, may no longer use the mailbox",
      former: "Intune, former certificate",
      addressList: "Address list",
    },
  },
  skipped: { heading: "What stands in the way" },
  upcoming: {
    heading: "Notices",
    hint: "Certificates that are revoked later, unless the cause is gone before.",
    none: "No certificate is to end before its time.",
    changes: (given: number, taken: number) =>
      `The next cycle gives ${given.toLocaleString("en")} more and takes ${taken.toLocaleString("en")} back.`,
    columns: { certificate: "Certificate of", cause: "Because", state: "State", dueAt: "Not before" },
  },
};
