// Calls the program that this window belongs to.
import { invoke, isTauri } from "@tauri-apps/api/core";
import { toFailure } from "./failure";
import type { Transport } from "./transport";

export const inWindow = (): boolean => isTauri();

export const tauriTransport: Transport = async (name, payload) => {
  try {
    return await invoke("call", { name, payload });
  } catch (error) {
    throw toFailure(error);
  }
};
