// Which key an officer uses, and what opens it. What opens it is taken out once and is gone from here.
import { useState } from "react";
import type { MlKemNeed, OfficerKey, TokenLine } from "../../../bindings/api";

/** A key that was chosen among those at hand. */
interface ChosenToken extends Pick<TokenLine, "kind" | "pinPad"> {
  address: string;
}

export type KeyKind = "file" | "token" | "vault";

const VAULT = /^https:\/\/[a-z0-9.-]+\/keys\/[^/\s]+\/[^/\s]+$/i;

const NONE = { file: false, token: false, vault: false, secret: false, mlKemFile: false, mlKemSecret: false };

export function useKeyChoice(need: MlKemNeed) {
  const [kind, setKind] = useState<KeyKind>("token");
  const [file, setFile] = useState("");
  const [vault, setVault] = useState("");
  const [token, setToken] = useState<ChosenToken | null>(null);
  const [secret, setSecret] = useState("");
  const [mlKemFile, setMlKemFile] = useState("");
  const [mlKemSecret, setMlKemSecret] = useState("");
  const [tried, setTried] = useState(false);

  const wantsSecret = kind === "file" || (kind === "token" && token !== null && !token.pinPad);
  const takesMlKem = need !== "none" && (need === "needed" || mlKemFile.trim() !== "");
  const faults = {
    file: kind === "file" && file.trim() === "",
    token: kind === "token" && token === null,
    vault: kind === "vault" && !VAULT.test(vault.trim()),
    secret: wantsSecret && secret === "",
    mlKemFile: need === "needed" && mlKemFile.trim() === "",
    mlKemSecret: takesMlKem && mlKemSecret === "",
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
    faults: tried ? faults : NONE,
    need,
    mlKemFile,
    mlKemSecret,
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
    setMlKemFile: (next: string) => {
      // Nor is what was typed for one file.
      setMlKemSecret("");
      setMlKemFile(next);
    },
    setMlKemSecret,
    /** The key with its secrets, which are then gone from here; `null` while something is missing. */
    take: (): OfficerKey | null => {
      setTried(true);
      if (Object.values(faults).some(Boolean)) return null;
      setSecret("");
      setMlKemSecret("");
      setTried(false);
      return {
        address,
        secret: wantsSecret ? secret : null,
        mlKem: takesMlKem ? { file: mlKemFile.trim(), secret: mlKemSecret } : null,
      };
    },
  };
}

export type KeyChoice = ReturnType<typeof useKeyChoice>;
