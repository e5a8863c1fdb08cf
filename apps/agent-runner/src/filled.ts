/** Puts the values of a run in the places of a row: `{url}`, `{key}` and `{model}`. */
export const filled = (text: string, values: Readonly<Record<string, string>>): string =>
  text.replaceAll(/\{(url|key|model)\}/g, (_, name: string) => values[name] ?? "");
