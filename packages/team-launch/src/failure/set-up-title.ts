/** Codes that need a person: no launch of this CLI can work before its set-up. */
const needsSetUp: ReadonlySet<string> = new Set(["sign-in-needed", "no-connection"]);

/** `Claude setup required`, the seed's title, with the provider's name; no title for other codes. */
export const setUpTitle = (code: string, provider: string): { readonly title?: string } =>
  needsSetUp.has(code)
    ? { title: `${provider.charAt(0).toUpperCase()}${provider.slice(1)} setup required` }
    : {};
