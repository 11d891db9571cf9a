// Which key an officer uses, and what opens it. What opens it is taken out once and is gone from here.
import { useState } from "react";
import type { OfficerKey, TokenLine } from "../../../bindings/api";

/** A key that was chosen among those at hand. */
interface ChosenToken extends Pick<TokenLine, "kind" | "pinPad"> {
  address: string;
}

export type KeyKind = "file" | "token" | "vault";

const VAULT = /^https:\/\/[a-z0-9.-]+\/keys\/[^/\s]+\/[^/\s]+$/i;

export function useKeyChoice() {
  const [kind, setKind] = useState<KeyKind>("token");
  const [file, setFile] = useState("");
  const [vault, setVault] = useState("");
  const [token, setToken] = useState<ChosenToken | null>(null);
  const [secret, setSecret] = useState("");
  const [tried, setTried] = useState(false);

  const wantsSecret = kind === "file" || (kind === "token" && token !== null && !token.pinPad);
  const faults = {
    file: kind === "file" && file.trim() === "",
    token: kind === "token" && token === null,
    vault: kind === "vault" && !VAULT.test(vault.trim()),
    secret: wantsSecret && secret === "",
  };
  const address = { file: file.trim(), token: token?.address ?? "", vault: vault.trim() }[kind];

  return {
    kind,
    file,
    vault,
    token,
    secret,
    wantsSecret,
    /** What is missing, once the person has tried to go on. */
    faults: tried ? faults : { file: false, token: false, vault: false, secret: false },
    choose: (next: KeyKind) => {
      setKind(next);
      setSecret("");
      setTried(false);
    },
    setFile,
    setVault,
    setToken: (next: ChosenToken | null) => {
      // What was typed for one key is not sent to another.
      if (next?.address !== token?.address) setSecret("");
      setToken(next);
    },
    setSecret,
    /** The key with its secret, which is then gone from here; `null` while something is missing. */
    take: (): OfficerKey | null => {
      setTried(true);
      if (Object.values(faults).some(Boolean)) return null;
      setSecret("");
      setTried(false);
      return { address, secret: wantsSecret ? secret : null };
    },
  };
}

export type KeyChoice = ReturnType<typeof useKeyChoice>;
