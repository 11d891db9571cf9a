// Mails that a person hands to the page, read into what the program takes.
import type { GivenMailFile } from "../../../bindings/api";
import { inBase64 } from "../../../shared/fileContent";

const ENDINGS = [".eml", ".p7m"];

export const isMail = (file: Pick<File, "name">): boolean =>
  ENDINGS.some((ending) => file.name.toLowerCase().endsWith(ending));

export const octetsOf = (files: readonly Pick<File, "size">[]): number =>
  files.reduce((sum, { size }) => sum + size, 0);

const key = (file: File): string => `${file.name} ${file.size} ${file.lastModified}`;

/** The files with others added; what was added before is not added twice. */
export function withFiles(before: readonly File[], added: readonly File[]): File[] {
  const known = new Set(before.map(key));
  return [...before, ...added.filter((file) => isMail(file) && !known.has(key(file)))];
}

/** One after the other: together they may be larger than all else in the window. Rejects with `Unread`. */
export async function readMails(files: readonly File[]): Promise<GivenMailFile[]> {
  const mails: GivenMailFile[] = [];
  for (const file of files) mails.push({ name: file.name, content: await inBase64(file) });
  return mails;
}

/** A folder of a request's own below the one to start from, in that one's spelling. */
export function folderBelow(start: string, id: string): string {
  const slash = start.includes("\\") ? "\\" : "/";
  return `${start.replace(/[\\/]+$/, "")}${slash}${id.slice(-12)}`;
}

/** Whether the file would lie in `folder` or below. Both kinds of slash part folders, as on Windows. */
export function liesIn(file: string, folder: string): boolean {
  const parts = (path: string) =>
    path
      .trim()
      .replaceAll("\\", "/")
      .split("/")
      .filter((part) => part !== "" && part !== ".");
  const around = parts(folder);
  return parts(file)
    .slice(0, around.length)
    .every((part, at) => part === around[at]);
}
