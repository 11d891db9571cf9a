"use strict";
// Verifies the log that lies in this page: the chain of hashes, the Merkle tree (RFC 6962), and the signed heads.
// SHA-256 is computed here (FIPS 180-4), signatures by the browser.
const K = new Uint32Array(64), START = new Uint32Array(8);
{
  const fraction = (x) => ((x - Math.floor(x)) * 0x100000000) >>> 0;
  const primes = [];
  for (let n = 2; primes.length < 64; n += 1) if (primes.every((p) => n % p)) primes.push(n);
  primes.forEach((p, i) => { K[i] = fraction(Math.cbrt(p)); if (i < 8) START[i] = fraction(Math.sqrt(p)); });
}

function sha256(bytes) {
  const padded = new Uint8Array((((bytes.length + 8) >> 6) + 1) << 6);
  padded.set(bytes);
  padded[bytes.length] = 0x80;
  const view = new DataView(padded.buffer);
  view.setUint32(padded.length - 8, Math.floor(bytes.length / 0x20000000));
  view.setUint32(padded.length - 4, (bytes.length << 3) >>> 0);
  const state = START.slice(), w = new Uint32Array(64);
  const turn = (x, n) => (x >>> n) | (x << (32 - n));
  for (let at = 0; at < padded.length; at += 64) {
    for (let i = 0; i < 16; i += 1) w[i] = view.getUint32(at + 4 * i);
    for (let i = 16; i < 64; i += 1) {
      const a = w[i - 15], b = w[i - 2];
      w[i] = w[i - 16] + (turn(a, 7) ^ turn(a, 18) ^ (a >>> 3)) + w[i - 7] + (turn(b, 17) ^ turn(b, 19) ^ (b >>> 10));
    }
    let [a, b, c, d, e, f, g, h] = state;
    for (let i = 0; i < 64; i += 1) {
      const one = (h + (turn(e, 6) ^ turn(e, 11) ^ turn(e, 25)) + ((e & f) ^ (~e & g)) + K[i] + w[i]) >>> 0;
      const two = ((turn(a, 2) ^ turn(a, 13) ^ turn(a, 22)) + ((a & b) ^ (a & c) ^ (b & c))) >>> 0;
      [h, g, f, e, d, c, b, a] = [g, f, e, (d + one) >>> 0, c, b, a, (one + two) >>> 0];
    }
    [a, b, c, d, e, f, g, h].forEach((value, i) => { state[i] += value; });
  }
  const out = new Uint8Array(32), outView = new DataView(out.buffer);
  state.forEach((value, i) => outView.setUint32(4 * i, value));
  return out;
}

const hex = (bytes) => Array.from(bytes, (b) => b.toString(16).padStart(2, "0")).join("");
const octets = (base64) => Uint8Array.from(atob(base64), (c) => c.charCodeAt(0));
const utf8 = new TextEncoder();

function joined(parts) {
  const all = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) { all.set(part, at); at += part.length; }
  return all;
}
function number64(value) {
  const bytes = new Uint8Array(8);
  new DataView(bytes.buffer).setBigInt64(0, BigInt(value));
  return bytes;
}

// The hash of an entry: version, hash before it, chain, position, time, then five texts with their lengths.
function entryHash(entry, previous) {
  const parts = [Uint8Array.of(1), previous, number64(1), number64(entry.seq), number64(Date.parse(entry.at))];
  const { kind, outcome } = entry.foreign ?? entry;
  for (const text of [kind, outcome, entry.actor, entry.object, entry.detail]) {
    const bytes = utf8.encode(text);
    parts.push(number64(bytes.length), bytes);
  }
  return sha256(joined(parts));
}

// The right edge of the tree, as a list of full subtrees.
class Tree {
  constructor() { this.size = 0; this.roots = []; }
  push(entry) {
    let node = sha256(joined([Uint8Array.of(0), entry]));
    for (let rest = this.size; rest % 2 === 1; rest = Math.floor(rest / 2)) {
      node = sha256(joined([Uint8Array.of(1), this.roots.pop(), node]));
    }
    this.roots.push(node);
    this.size += 1;
  }
  root() {
    if (this.roots.length === 0) return sha256(new Uint8Array());
    return this.roots.reduceRight((right, left) => sha256(joined([Uint8Array.of(1), left, right])));
  }
}

function contains(all, part) {
  const text = (bytes) => Array.from(bytes, (b) => String.fromCharCode(b)).join("");
  return text(all).includes(text(part));
}

async function signatureFits(head, signer) {
  const algorithm = { name: "RSA-PSS", hash: "SHA-256" };
  const key = await crypto.subtle.importKey("spki", octets(signer.publicKey), algorithm, false, ["verify"]);
  return crypto.subtle.verify({ name: "RSA-PSS", saltLength: 32 }, key, octets(head.signature), utf8.encode(head.body));
}

async function verify(evidence) {
  const found = { entries: evidence.entries.length, heads: 0, covered: 0, unchecked: 0, root: "" };
  const wrong = (seq, why) => Object.assign(found, { seq, why });
  const heads = [];
  for (const head of evidence.heads) {
    let said;
    try { said = JSON.parse(head.body); } catch { return wrong(0, "a signed head cannot be read"); }
    const signer = evidence.signers.find((one) => one.installation === said.installation);
    if (said.format !== "sealwright tree head 1" || said.fleet !== evidence.fleet || !signer) {
      return wrong(said.size, `the head over ${said.size} entries was not signed by an installation of this fleet`);
    }
    if (!contains(octets(signer.certificate), octets(signer.publicKey))) {
      return wrong(said.size, `the key of ${signer.name} is not the one of its certificate`);
    }
    if (globalThis.crypto?.subtle) {
      if (!await signatureFits(head, signer)) return wrong(said.size, `the signature of the head over ${said.size} entries does not fit`);
    } else {
      found.unchecked += 1;
    }
    heads.push(said);
  }
  heads.sort((a, b) => a.size - b.size);
  const tree = new Tree();
  let previous = new Uint8Array(32), next = 0;
  const fits = () => {
    while (next < heads.length && heads[next].size === tree.size) {
      if (heads[next].root !== hex(tree.root())) return false;
      next += 1;
      found.covered = tree.size;
      found.heads += 1;
    }
    return true;
  };
  if (!fits()) return wrong(0, "a signed head over nothing does not fit");
  for (const entry of evidence.entries) {
    if (entry.seq !== tree.size + 1) return wrong(tree.size + 1, `entry ${tree.size + 1} is missing`);
    const hash = entryHash(entry, previous);
    if (hex(hash) !== entry.hash) return wrong(entry.seq, `entry ${entry.seq} was changed, or is not the one that followed entry ${entry.seq - 1}`);
    tree.push(hash);
    previous = hash;
    if (!fits()) return wrong(entry.seq, `one of the entries 1 to ${entry.seq} is another than the one that was signed`);
  }
  if (next < heads.length) return wrong(tree.size + 1, `entry ${tree.size + 1} is missing: a signed head covers ${heads[heads.length - 1].size} entries`);
  found.root = hex(tree.root());
  return found;
}

function cells(row, texts) {
  for (const text of texts) row.insertCell().textContent = text;
  return row;
}

const grouped = (digits) => digits.slice(0, 32).replace(/(.{4})(?=.)/g, "$1 ");

function showSigners(evidence) {
  document.querySelector("#about").textContent = `Exported at ${evidence.exportedAt}. Fleet: ${grouped(evidence.fleet)}`;
  const body = document.querySelector("#signers tbody");
  const heads = evidence.heads.map((head) => JSON.parse(head.body)).sort((a, b) => b.size - a.size);
  for (const signer of evidence.signers) {
    const newest = heads.find((head) => head.installation === signer.installation);
    const print = grouped(hex(sha256(octets(signer.certificate))));
    cells(body.insertRow(), [signer.name, print, newest ? `${newest.size} entries` : "–", newest ? newest.at : "–"]);
  }
}

function showEntries(evidence, broken) {
  const body = document.querySelector("#entries tbody"), filter = document.querySelector("#filter");
  const more = document.querySelector("#more");
  let shown = 0, matching = [];
  const add = () => {
    for (const entry of matching.slice(shown, shown + 200)) {
      const { kind, outcome } = entry.foreign ?? entry;
      const row = cells(body.insertRow(), [entry.seq, entry.at, kind, outcome, entry.actor, entry.object, entry.detail]);
      if (entry.seq === broken) row.className = "broken";
    }
    shown = Math.min(matching.length, shown + 200);
    more.hidden = shown === matching.length;
    document.querySelector("#count").textContent = `${shown} of ${matching.length} shown, newest first`;
  };
  const begin = () => {
    const wanted = filter.value.toLowerCase();
    matching = evidence.entries.filter((entry) => Object.values(entry).join("\n").toLowerCase().includes(wanted)).reverse();
    body.replaceChildren();
    shown = 0;
    add();
  };
  filter.addEventListener("input", begin);
  more.addEventListener("click", add);
  begin();
}

async function main() {
  const verdict = document.querySelector("#verdict");
  const say = (kind, headline, rest) => {
    verdict.className = kind;
    verdict.replaceChildren(Object.assign(document.createElement("strong"), { textContent: headline }), document.createElement("br"), rest);
  };
  try {
    const evidence = JSON.parse(document.querySelector("#evidence").textContent);
    const found = await verify(evidence);
    const behind = found.entries - found.covered;
    if (found.why) {
      say("bad", "This log is not as it was written.", `${found.why[0].toUpperCase()}${found.why.slice(1)}. Keep this file and the database as they are, and compare them with a backup and with heads that were kept elsewhere.`);
    } else if (found.unchecked > 0) {
      say("part", `The chain of all ${found.entries} entries holds; the signatures were not checked.`, "This browser checks no signatures in files. Open the page in another browser.");
    } else if (found.covered === 0) {
      say("part", `The chain of all ${found.entries} entries holds; nobody has signed it yet.`, "Whoever could write the database could have written it anew.");
    } else {
      const rest = behind === 0 ? "" : `The chain of the last ${behind} holds; nobody has signed them yet. `;
      const whole = behind === 0 ? `All ${found.entries}` : `The first ${found.covered} of ${found.entries}`;
      say("good", `${whole} entries are as they were written.`, `${rest}${found.heads} signed heads fit. Root: ${found.root}`);
    }
    showSigners(evidence);
    showEntries(evidence, found.seq);
  } catch (error) {
    say("bad", "This file is damaged.", `It cannot be read (${error.message}). Export it anew.`);
  }
}
main();
