// Grounds of our own things under the pointer and chosen. Fluent's tokens for these change the colour of the text as
// well in high contrast, which texts of several colours cannot follow. The values stand in `theme.tsx`.

export interface Surfaces {
  surfaceHover: string;
  surfaceSelected: string;
}

export const surfaces = { hover: "var(--surfaceHover)", selected: "var(--surfaceSelected)" } as const;
