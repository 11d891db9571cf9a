// Dates for people: absolute and relative, UTC on hover.
import { useEffect, useMemo, useState } from "react";
import { useLocale } from "../messages";

const SECOND = 1_000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;
export const DAY = 24 * HOUR;

/** The present moment, renewed every `step` milliseconds while the component is shown. */
export function useNow(step: number): number {
  const [now, setNow] = useState(() => Date.now());
  useEffect(() => {
    setNow(Date.now());
    const timer = setInterval(() => setNow(Date.now()), step);
    return () => clearInterval(timer);
  }, [step]);
  return now;
}

export interface TimeFormat {
  /** `22 Nov 2027, 14:05` in the person's zone. */
  moment: (iso: string) => string;
  /** `22 Nov 2027, 14:05:09`. */
  exactly: (iso: string) => string;
  /** `22 Nov 2027` in the person's zone. */
  day: (at: string | number) => string;
  /** `22 Nov`. */
  shortDay: (at: number) => string;
  /** `14:05:09` in the person's zone. */
  clock: (iso: string) => string;
  /** `2027-11-22 13:05:09 UTC`. */
  utc: (iso: string) => string;
  /** `in 3 mo`, `5 min ago`. */
  relative: (iso: string, now: number) => string;
  /** `5m ago`, where there is little room. */
  brief: (iso: string, now: number) => string;
}

export function timeFormat(locale: string): TimeFormat {
  const moment = new Intl.DateTimeFormat(locale, { dateStyle: "medium", timeStyle: "short" });
  const exactly = new Intl.DateTimeFormat(locale, { dateStyle: "medium", timeStyle: "medium" });
  const day = new Intl.DateTimeFormat(locale, { dateStyle: "medium" });
  const shortDay = new Intl.DateTimeFormat(locale, { day: "numeric", month: "short" });
  const clock = new Intl.DateTimeFormat(locale, { timeStyle: "medium" });
  const relative = new Intl.RelativeTimeFormat(locale, { numeric: "auto", style: "short" });
  const brief = new Intl.RelativeTimeFormat(locale, { numeric: "auto", style: "narrow" });
  const orRaw = (iso: string, write: (date: Date) => string): string => {
    const date = new Date(iso);
    return Number.isNaN(date.getTime()) ? iso : write(date);
  };
  return {
    moment: (iso) => orRaw(iso, (date) => moment.format(date)),
    exactly: (iso) => orRaw(iso, (date) => exactly.format(date)),
    day: (at) => day.format(new Date(at)),
    shortDay: (at) => shortDay.format(new Date(at)),
    clock: (iso) => orRaw(iso, (date) => clock.format(date)),
    utc: (iso) => orRaw(iso, (date) => `${date.toISOString().slice(0, 19).replace("T", " ")} UTC`),
    relative: (iso, now) => orRaw(iso, (date) => relative.format(...inUnits(date.getTime() - now))),
    brief: (iso, now) => orRaw(iso, (date) => brief.format(...inUnits(date.getTime() - now))),
  };
}

/** The coarsest unit that still tells something: 45 days, but 3 months. */
function inUnits(difference: number): [number, Intl.RelativeTimeFormatUnit] {
  const size = Math.abs(difference);
  if (size < MINUTE) return [Math.trunc(difference / SECOND), "second"];
  if (size < HOUR) return [Math.trunc(difference / MINUTE), "minute"];
  if (size < DAY) return [Math.trunc(difference / HOUR), "hour"];
  if (size < 60 * DAY) return [Math.trunc(difference / DAY), "day"];
  if (size < 730 * DAY) return [Math.round(difference / (30.44 * DAY)), "month"];
  return [Math.round(difference / (365.25 * DAY)), "year"];
}

export function useTimeFormat(): TimeFormat {
  const locale = useLocale();
  return useMemo(() => timeFormat(locale), [locale]);
}

interface MomentProps {
  at: string;
  /** To the second. */
  exact?: boolean;
  className?: string | undefined;
}

/** A moment in the person's zone; UTC on hover. */
export function Moment({ at, exact = false, className }: MomentProps) {
  const format = useTimeFormat();
  return (
    <time dateTime={at} title={format.utc(at)} className={className}>
      {exact ? format.exactly(at) : format.moment(at)}
    </time>
  );
}

/** How long ago or ahead; absolute and UTC on hover. */
export function Relative({ at, step = 10 * SECOND }: { at: string; step?: number }) {
  const format = useTimeFormat();
  const now = useNow(step);
  return (
    <time dateTime={at} title={`${format.moment(at)}\n${format.utc(at)}`} style={{ whiteSpace: "nowrap" }}>
      {format.relative(at, now)}
    </time>
  );
}
