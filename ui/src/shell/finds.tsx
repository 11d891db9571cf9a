// What the palette can find for a text.
import {
  ArrowRepeatAllRegular,
  ArrowSyncRegular,
  CertificateRegular,
  DarkThemeRegular,
  DocumentBulletListClockRegular,
  FireRegular,
  KeyResetRegular,
  LocalLanguageRegular,
  MailMultipleRegular,
  OpenRegular,
  PersonRegular,
} from "@fluentui/react-icons";
import { keepPreviousData, useQuery } from "@tanstack/react-query";
import { type ReactElement, useEffect, useState } from "react";
import { LANGUAGES, useMessages } from "../messages";
import { useRunService, useServiceName } from "../nouns/Services";
import { call } from "../platform";
import { addressOf, navigate } from "../shared/address";
import { PAGES } from "../shared/pages";
import { type Preferences, usePreference } from "../shared/preferences";

export interface Find {
  id: string;
  label: string;
  aside?: string;
  icon: ReactElement;
  run: () => void;
}

interface Group {
  id: string;
  title: string;
  finds: Find[];
}

const PAUSE = 200;
const LEAST = 2;
const MOST = 8;
/** The duties that every installation has, by their names on the wire. */
const SERVICES = ["sync", "crl", "drills", "campaigns", "drift"] as const;

const SERVICE_ICONS = {
  sync: <ArrowSyncRegular />,
  crl: <DocumentBulletListClockRegular />,
  drills: <FireRegular />,
  campaigns: <ArrowRepeatAllRegular />,
  drift: <ArrowSyncRegular />,
};

function useSettled(text: string): string {
  const [settled, setSettled] = useState(text);
  useEffect(() => {
    const timer = setTimeout(() => setSettled(text), PAUSE);
    return () => clearTimeout(timer);
  }, [text]);
  return settled;
}

function useCertificates(text: string) {
  const settled = useSettled(text.trim());
  return useQuery({
    queryKey: ["palette", settled] as const,
    queryFn: ({ signal }) =>
      call(
        "list_certificates",
        {
          search: settled,
          status: null,
          template: null,
          authority: null,
          expiresWithinDays: null,
          archived: null,
          order: "commonName",
          after: null,
          limit: MOST,
        },
        signal,
      ),
    enabled: settled.length >= LEAST,
    placeholderData: keepPreviousData,
  });
}

function usePeople(text: string) {
  const settled = useSettled(text.trim());
  return useQuery({
    queryKey: ["palettePeople", settled] as const,
    queryFn: ({ signal }) =>
      call("list_people", { search: settled, kind: null, standing: null, after: null, limit: MOST }, signal),
    enabled: settled.length >= LEAST,
    placeholderData: keepPreviousData,
  });
}

function useCommands(): Find[] {
  const m = useMessages();
  const [, setTheme] = usePreference("theme");
  const [, setLanguage] = usePreference("language");
  const nameOf = useServiceName();
  const { run } = useRunService();
  const themes = Object.keys(m.settings.themes) as Preferences["theme"][];
  return [
    {
      id: "recover",
      label: m.recovery.ask,
      icon: <KeyResetRegular />,
      run: () => navigate(addressOf("recovery", { ask: "new" })),
    },
    ...SERVICES.map((name) => ({
      id: `service-${name}`,
      label: m.services.runNowFor(nameOf(name)),
      icon: SERVICE_ICONS[name],
      run: () => run(name),
    })),
    ...themes.map((theme) => ({
      id: `theme-${theme}`,
      label: m.palette.themeTo(m.settings.themes[theme]),
      icon: <DarkThemeRegular />,
      run: () => setTheme(theme),
    })),
    ...(["en", "de"] as const).map((language) => ({
      id: `language-${language}`,
      label: m.palette.languageTo(LANGUAGES[language].language),
      icon: <LocalLanguageRegular />,
      run: () => setLanguage(language),
    })),
  ];
}

export function useFinds(text: string): { groups: Group[]; searching: boolean } {
  const m = useMessages();
  const commands = useCommands();
  const certificates = useCertificates(text);
  const people = usePeople(text);
  const wanted = text.trim().toLocaleLowerCase();
  const fits = (find: Find): boolean =>
    wanted === "" || wanted.split(/\s+/).every((word) => find.label.toLocaleLowerCase().includes(word));
  const pages: Find[] = PAGES.map(({ id, letter }) => ({
    id: `page-${id}`,
    label: m.pages[id],
    aside: `G ${letter}`,
    icon: <OpenRegular />,
    run: () => navigate(addressOf(id)),
  }));
  const long = wanted.length >= LEAST;
  const found: Find[] = (long ? (certificates.data?.rows ?? []) : []).map((row) => ({
    id: `certificate-${row.id}`,
    label: row.commonName,
    aside: `${row.mail} · ${row.template}`,
    icon: <CertificateRegular />,
    run: () => navigate(addressOf("certificates", { q: text.trim(), selected: row.id })),
  }));
  const somebody: Find[] = (long ? (people.data?.rows ?? []) : []).map((row) => ({
    id: `person-${row.id}`,
    label: row.name,
    aside: row.mail ?? row.userPrincipalName,
    icon: row.kind === "sharedMailbox" ? <MailMultipleRegular /> : <PersonRegular />,
    run: () => navigate(addressOf("people", { q: text.trim(), selected: row.id })),
  }));
  const isWaiting = [certificates, people].some((asked) => asked.isFetching || asked.isPlaceholderData);
  return {
    groups: [
      { id: "pages", title: m.palette.pages, finds: pages.filter(fits) },
      { id: "certificates", title: m.palette.certificates, finds: found },
      { id: "people", title: m.palette.people, finds: somebody },
      { id: "commands", title: m.palette.commands, finds: commands.filter(fits) },
    ],
    searching: long && isWaiting,
  };
}
