// Serial numbers and thumbprints in the spelling that each system wants.

/** Program and its spelling of lower-case hexadecimal. */
export const SPELLINGS: readonly { system: string; spell: (hex: string) => string }[] = [
  { system: "Intune", spell: (hex) => hex.toLowerCase() },
  { system: "certutil", spell: (hex) => pairs(hex.toUpperCase()).join(" ") },
  { system: "OpenSSL", spell: (hex) => pairs(hex.toUpperCase()).join(":") },
];

/** Octets from the right, so that an odd number of digits keeps its value. */
function pairs(hex: string): string[] {
  const even = hex.length % 2 === 1 ? `0${hex}` : hex;
  return even.match(/../g) ?? [];
}

/** Enough of a long number to tell it from others: its first and last eight digits. */
export const shortened = (hex: string): string =>
  hex.length <= 20 ? hex : `${hex.slice(0, 8)}…${hex.slice(-8)}`;
