// What is in a file that a person gave to the page.

/** A file that could not be read. */
export class Unread extends Error {
  constructor(readonly file: string) {
    super(file);
  }
}

/** The octets of a file in base64. Rejects with `Unread`. */
export function inBase64(file: File): Promise<string> {
  return new Promise((resolve, reject) => {
    const reader = new FileReader();
    reader.onerror = () => reject(new Unread(file.name));
    reader.onload = () => {
      const url = typeof reader.result === "string" ? reader.result : "";
      // An empty file has no comma in some engines.
      resolve(url.slice(url.indexOf(",") + 1 || url.length));
    };
    reader.readAsDataURL(file);
  });
}
