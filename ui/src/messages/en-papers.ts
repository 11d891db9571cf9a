import { counted } from "./numbers";

// English texts about what is written down of a request: receipts, notices, bundles for officers without a network.

const count = counted("en");

/** What the program says an error is about, for people who sit before the console. */
export const mattersEn = {
  setUntrusted: {
    what: "The database holds a signed set of recovery agents that this installation does not go by yet. Until it does, no key is archived or recovered here.",
    hint: "Let an officer tell you the fingerprint, and type it under Recovery agents.",
  },
  setMissing: {
    what: "No signed set of recovery agents is in force here.",
    hint: "Under Recovery agents, propose one and have it signed. If there was one, rows are missing in the database: restore them.",
  },
  officerEnded: {
    what: "The certificate of an officer has ended. Until a version of the set without it is in force, no key is archived.",
    hint: "Under Recovery agents, propose the next version without it, and have it signed.",
  },
  approvalsMissing: {
    what: "Not enough officers have agreed yet.",
    hint: "The others open Recovery, each on a machine of their own, read the request and agree.",
  },
  officerNameless: {
    what: "The certificate has neither a mail address nor a sign-in name: on a machine without a network nothing tells who the officer is.",
    hint: "This officer agrees in a console.",
  },
  officerAgreed: {
    what: "Has agreed already.",
    hint: "Nothing more is asked of this officer.",
  },
  pinUnasked: {
    what: "The key wants its PIN or a confirmation, and Windows could not ask for it.",
    hint: "Begin again where somebody sits at the screen, and answer in Windows’ own window; it may lie behind this one.",
  },
  mlKemMissing: {
    what: "What is asked for was sealed to your ML-KEM key as well: it takes both keys.",
    hint: "Name the file of your ML-KEM key and its password.",
  },
  mlKemLocked: {
    what: "The password does not open the file with the ML-KEM key.",
    hint: "It has a password of its own. Mind capital letters and the keyboard layout; nothing was tried with your other key.",
  },
  mlKemUnfit: {
    what: "The file that was named holds no private ML-KEM key, or cannot be read.",
    hint: "Name the file that `sealwright kra ml-kem` wrote, with its whole path: the one without .pub.",
  },
  mlKemForeign: {
    what: "This is the ML-KEM key of another officer than the key beside it.",
    hint: "Name both keys of one officer. Under Recovery agents each officer’s ML-KEM fingerprint is shown.",
  },
  mlKemNotPublic: {
    what: "A file that was chosen holds no public ML-KEM key.",
    hint: "Choose the public half that `sealwright kra ml-kem` writes beside the key: .pub.pem.",
  },
};

export const papersEn = {
  to: "To",
  toHint: "Nobody else’s key is named in it.",
  unsigned: (n: number) =>
    `${count(n, "newer entry of the audit log is", "newer entries of the audit log are")} not signed yet.`,
  receipt: {
    save: "Save receipt…",
    title: "Save the receipt",
    means:
      "It tells who asked and why, which officers agreed, and what was disclosed to whom and when, with proofs. Anybody checks it with `sealwright audit check`, without the database. There is no secret in it.",
  },
  notice: {
    save: "Save notice to the owner…",
    title: "Save a notice to the owner",
    means:
      "A text in English: which key, who asked and why, what came of it. No mail is sent. Look it over, take out what the owner must not know yet, and send it as your rules ask.",
  },
  export: {
    action: "For an officer without a network…",
    title: "Export for an officer without a network",
    lead: "The request is written out for one officer, who alone can open it. The officer reads it on a machine without a network and answers with a file. That it was exported stands in the audit log.",
    officer: "Officer",
    officerMissing: "Choose the officer.",
    nobody: "No officer can answer this request from a machine without a network",
    days: "Days to answer",
    daysHint: (most: number) => `1 to ${most}, and never longer than the request itself.`,
    daysWrong: (most: number) => `A number from 1 to ${most}.`,
    confirm: "Export",
    working: "Exporting",
    done: "The request is exported",
    file: "File",
    until: "To be answered",
    bring: "Bring the file to the officer, who answers with the same program, a key and no network:",
    copy: "Copy the command",
    compare:
      "Tell the officer these two fingerprints by another way than the file: by telephone, or on paper. The officer compares both before agreeing.",
    fleet: "Fingerprint of the fleet",
    request: "Fingerprint of the request",
    back: "The answer comes back as a file: Take in an answer…",
  },
  import: {
    action: "Take in an answer…",
    title: "Take in an officer’s answer",
    lead: "The file that an officer without a network wrote. It says itself to which request it belongs, and counts once.",
    file: "Answer",
    choose: "Choose the file…",
    drop: "or drop it here",
    hint: (size: string) => `One file, ${size} at most.`,
    missing: "Choose the file.",
    large: (size: string) => `That is no answer: it is larger than ${size}.`,
    unread: (file: string) => `${file} could not be read. Choose it again.`,
    remove: (file: string) => `Take away: ${file}`,
    confirm: "Take in",
    working: "Taking in",
    agreed: (officer: string, name: string, agreed: string) =>
      `${officer} agreed to the request ${name}: ${agreed}`,
  },
};
