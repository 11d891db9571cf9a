// Which language is spoken, and how dates and numbers are written in it.
import { createContext, type ReactNode, useContext, useEffect, useMemo } from "react";
import { usePreference } from "../shared/preferences";
import { de } from "./de";
import { en, type Messages } from "./en";

export type { Messages } from "./en";

export type Language = "en" | "de";
export const LANGUAGES: Record<Language, Messages> = { en, de };

interface Speech {
  language: Language;
  /** The region too, for dates: `de-AT` for an Austrian. */
  locale: string;
  messages: Messages;
}

const Speaking = createContext<Speech>({ language: "en", locale: "en", messages: en });

const isLanguage = (text: string): text is Language => text in LANGUAGES;

/** The first language of the person that we speak, else English. */
export function systemLanguage(wanted: readonly string[]): Language {
  for (const tag of wanted) {
    const base = tag.split("-")[0]?.toLowerCase() ?? "";
    if (isLanguage(base)) return base;
  }
  return "en";
}

export function MessagesProvider({ children }: { children: ReactNode }) {
  const [choice] = usePreference("language");
  const speech = useMemo<Speech>(() => {
    const language = choice === "system" ? systemLanguage(navigator.languages) : choice;
    const locale = navigator.languages.find((tag) => tag.toLowerCase().startsWith(language)) ?? language;
    return { language, locale, messages: LANGUAGES[language] };
  }, [choice]);
  useEffect(() => {
    document.documentElement.lang = speech.language;
  }, [speech.language]);
  return <Speaking.Provider value={speech}>{children}</Speaking.Provider>;
}

export const useMessages = (): Messages => useContext(Speaking).messages;
export const useLanguage = (): Language => useContext(Speaking).language;
export const useLocale = (): string => useContext(Speaking).locale;

/** The text for a word of the wire; a word of a newer program is shown as it is. */
export function wordIn(table: Readonly<Record<string, string>>, word: string): string {
  return Object.hasOwn(table, word) ? (table[word] ?? word) : word;
}
