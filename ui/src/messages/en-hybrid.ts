import { counted } from "./numbers";

// English texts about officers' ML-KEM keys, and what of the archive takes them.

const count = counted("en");

export const hybridEn = {
  key: {
    title: "Your ML-KEM key",
    needed: "What is asked for was sealed to your ML-KEM key as well: it takes both keys.",
    possible:
      "Part of the archive may be sealed to your ML-KEM key as well. What is opens with both keys only; leave this empty if you have none.",
    file: "ML-KEM key file",
    fileHint: "The whole path on this machine; `sealwright kra ml-kem` wrote it (.pem)",
    password: "Password of the ML-KEM key file",
    passwordHint: "It has a password of its own.",
  },
  officer: {
    title: "ML-KEM key",
    none: "none",
    copy: (name: string) => `Copy ML-KEM fingerprint of ${name}`,
    all: "Keys are sealed hybrid: it takes an officer’s own key and the ML-KEM key to open them.",
    some: (names: string) =>
      `Keys are sealed to the officers’ certificates alone as long as an ML-KEM key is missing: ${names}.`,
  },
  propose: {
    lead: "Against quantum computers, each officer can have an ML-KEM key beside their own. Keys are sealed to both once every officer has one.",
    choose: "Choose ML-KEM key…",
    chooseFor: (name: string) => `Choose ML-KEM key… for ${name}`,
    hint: "The public half, .pub.pem",
    chosen: (file: string) => `ML-KEM key: ${file}`,
    has: (fingerprint: string) => `ML-KEM key ${fingerprint}`,
    asBefore: "No ML-KEM key is chosen; whoever is an officer already keeps theirs.",
    takeBack: (name: string) => `Do not give ${name} the chosen ML-KEM key`,
    large: (file: string) => `${file} is no ML-KEM key: it is larger than 64 KB.`,
    summary: "ML-KEM keys",
    missing: (names: string) => `missing: ${names}. Keys are sealed to certificates alone.`,
    complete: "Every officer has one: keys are sealed hybrid.",
    nobody: "Nobody has one.",
    newOne: (name: string, file: string) => `${name}: ${file}`,
    compare:
      "Compare each fingerprint with its officer before you sign: whoever holds the private half is half an officer.",
  },
  inventory: {
    title: "What the archive is sealed with",
    again: "Count again",
    counted: "Counted",
    hybrid: (n: number) =>
      count(n, "archived key takes an ML-KEM key to open", "archived keys take an ML-KEM key to open"),
    classic: (n: number) =>
      count(n, "opens with the officers’ own keys alone", "open with the officers’ own keys alone"),
    unreadable: (n: number) => `${n.toLocaleString("en")} cannot be read: look into it with a fire drill.`,
    none: "Nothing is archived yet.",
    allGood: "Every archived key takes an ML-KEM key to open.",
    toDoAlone: (n: number) =>
      `${count(n, "key that any one officer opens is", "keys that any one officer opens are")} moved over by \`sealwright kra rearchive --kra KEY\`, on the command line.`,
    toDoTogether: (n: number) =>
      `${count(n, "key that several officers open together is", "keys that several officers open together are")} moved over by a request: “Seal the archive anew…”.`,
    notYet:
      "To have new keys sealed hybrid, give every officer of the set an ML-KEM key: `sealwright kra ml-kem` makes one, “Propose a version…” takes it in.",
    algorithms: "By algorithm",
    cipher: "Private key",
    wrapped: "Key to officers",
    keys: "Keys",
    sealedTo: "By officers",
    officers: "Sealed to",
    openedBy: "Opened by",
    anyOne: "any one",
    together: (n: number) => `${n} together`,
    set: "Set",
    version: (name: string, version: number) => `${name}, version ${version}`,
  },
};
