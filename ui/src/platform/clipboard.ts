/** Puts text on the clipboard; `false` when the system refuses. */
export async function copyText(text: string): Promise<boolean> {
  try {
    await navigator.clipboard.writeText(text);
    return true;
  } catch {
    return copyBySelection(text);
  }
}

/**
 * Puts text on the clipboard that is still awaited; `false` when the system refuses. To be called during a click, since
 * the click's permission is lost by the time the text is there. Rejects as `awaited` does.
 */
export async function copyWhenKnown(awaited: Promise<string>): Promise<boolean> {
  try {
    const text = awaited.then((known) => new Blob([known], { type: "text/plain" }));
    // Looked at below, whether or not the clipboard looks at it.
    text.catch(() => undefined);
    await navigator.clipboard.write([new ClipboardItem({ "text/plain": text })]);
    return true;
  } catch {
    return copyText(await awaited);
  }
}

// Web views without the asynchronous clipboard still copy a selection during a click.
function copyBySelection(text: string): boolean {
  const before = document.activeElement;
  const field = document.createElement("textarea");
  field.value = text;
  field.setAttribute("readonly", "");
  field.style.position = "fixed";
  field.style.opacity = "0";
  document.body.append(field);
  field.select();
  const copied = typeof document.execCommand === "function" && document.execCommand("copy");
  field.remove();
  if (before instanceof HTMLElement) before.focus();
  return copied;
}
