// Colours: light, dark and high contrast, following the system unless the person chose.
import {
  type BrandVariants,
  createDarkTheme,
  createLightTheme,
  FluentProvider,
  type Theme,
  teamsHighContrastTheme,
} from "@fluentui/react-components";
import { type ReactNode, useEffect } from "react";
import { useMedia } from "./media";
import { type Preferences, usePreference } from "./preferences";
import type { Surfaces } from "./surfaces";

const indigo: BrandVariants = {
  10: "#05061a",
  20: "#111439",
  30: "#191e5a",
  40: "#1f2675",
  50: "#272f8c",
  60: "#303aa0",
  70: "#3a46b2",
  80: "#4552c0",
  90: "#5663cb",
  100: "#6776d5",
  110: "#7a89de",
  120: "#8d9be5",
  130: "#a1aeeb",
  140: "#b5c0f1",
  150: "#c9d2f6",
  160: "#dfe4fb",
};

const fontFamilyBase =
  '"Segoe UI Variable Text", "Segoe UI", -apple-system, "Inter", "Cantarell", "Noto Sans", system-ui, sans-serif';
const fontFamilyMonospace =
  '"Cascadia Mono", Consolas, "SF Mono", Menlo, "Noto Sans Mono", "DejaVu Sans Mono", monospace';
const fonts = { fontFamilyBase, fontFamilyMonospace };

const light: Theme & Surfaces = {
  ...createLightTheme(indigo),
  ...fonts,
  surfaceHover: "#f5f5f5",
  surfaceSelected: "#ebebeb",
};
const darkBase = createDarkTheme(indigo);
const dark: Theme & Surfaces = {
  ...darkBase,
  ...fonts,
  surfaceHover: "#3d3d3d",
  surfaceSelected: "#383838",
  // The ramp's end is too blue for a large ground.
  colorBrandBackground2: "#23264a",
  colorBrandBackground2Hover: "#2b2f5c",
  colorBrandBackground2Pressed: "#1d1f3d",
  colorBrandStroke2: "#3d4384",
  // Fluent's own is 4.2:1 on this ground, and less on a chosen row.
  colorStatusDangerForeground1: "#f08d95",
  // The ramp's middle is too dim for text on a dark ground (WCAG 1.4.3).
  colorBrandForeground1: indigo[130],
  colorBrandForeground2: indigo[140],
  colorBrandForegroundLink: indigo[130],
  colorBrandForegroundLinkHover: indigo[140],
  colorBrandForegroundLinkPressed: indigo[120],
  colorBrandForegroundLinkSelected: indigo[130],
  colorNeutralForeground2BrandHover: indigo[130],
  colorNeutralForeground2BrandPressed: indigo[120],
  colorNeutralForeground2BrandSelected: indigo[130],
  colorCompoundBrandForeground1: indigo[130],
  colorCompoundBrandForeground1Hover: indigo[140],
  colorCompoundBrandForeground1Pressed: indigo[120],
};
const contrast: Theme & Surfaces = {
  ...teamsHighContrastTheme,
  ...fonts,
  surfaceHover: "#242424",
  surfaceSelected: "#1a1a1a",
};

export type Scheme = "light" | "dark" | "contrast";
const THEMES: Record<Scheme, Theme & Surfaces> = { light, dark, contrast };

/** What the system asks for. Forced colours are the system's own high contrast and need no theme. */
function useSystemScheme(): Scheme {
  const dark = useMedia("(prefers-color-scheme: dark)");
  const contrast = useMedia("(prefers-contrast: more) and (forced-colors: none)");
  if (contrast) return "contrast";
  return dark ? "dark" : "light";
}

export const resolveScheme = (choice: Preferences["theme"], system: Scheme): Scheme =>
  choice === "system" ? system : choice;

export function useScheme(): Scheme {
  const [choice] = usePreference("theme");
  return resolveScheme(choice, useSystemScheme());
}

export function ThemeProvider({ children }: { children: ReactNode }) {
  const scheme = useScheme();
  useEffect(() => {
    document.documentElement.dataset.scheme = scheme;
    document.documentElement.style.colorScheme = scheme === "light" ? "light" : "dark";
  }, [scheme]);
  // Sized by theme.css: a class given here would also be laid upon every menu and dialog.
  return <FluentProvider theme={THEMES[scheme]}>{children}</FluentProvider>;
}
