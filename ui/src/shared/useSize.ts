import { useCallback } from "react";
import { useLocale } from "../messages";

const UNITS = ["byte", "kilobyte", "megabyte", "gigabyte"] as const;

/** Writes a number of octets for people: `12 kB`, `1.5 MB`. */
export function useSize(): (octets: number) => string {
  const locale = useLocale();
  return useCallback(
    (octets) => {
      let size = octets;
      let unit = 0;
      while (size >= 1_024 && unit < UNITS.length - 1) {
        size /= 1_024;
        unit += 1;
      }
      return new Intl.NumberFormat(locale, {
        style: "unit",
        unit: UNITS[unit] ?? "byte",
        maximumFractionDigits: size < 10 && unit > 0 ? 1 : 0,
      }).format(size);
    },
    [locale],
  );
}
