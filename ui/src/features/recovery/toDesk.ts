import { addressOf, navigate } from "../../shared/address";

/** Back to the requests. */
export const toDesk = (params: Record<string, string | null> = {}): void =>
  navigate(addressOf("recovery", params));
