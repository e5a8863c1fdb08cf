/** A person sets a CLI up before any launch of it can work. */
const needsSetUp: ReadonlySet<string> = new Set(["sign-in-needed", "no-connection"]);

/** `Claude setup required`, the seed's title, with the name of the provider in question; nothing for other codes. */
export const setUpTitle = (code: string, provider: string): { readonly title?: string } =>
  needsSetUp.has(code)
    ? { title: `${provider.charAt(0).toUpperCase()}${provider.slice(1)} setup required` }
    : {};
