import { visible } from "@gatehouse/std";

/** Escapes text so that it cannot open or close a tag, or look like an attribute. */
export const escapeText = (text: string): string =>
  text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;").replaceAll('"', "&quot;");

/** The attributes that have a value, each with a space in front. A value is one visible line. */
export const attributes = (values: Readonly<Record<string, string | null>>): string =>
  Object.entries(values)
    .map(([name, value]) => (value === null ? "" : ` ${name}="${escapeText(visible(value))}"`))
    .join("");
