import { visible } from "@gatehouse/std";

/** Text that cannot be taken for markup: it opens no tag, and ends none, and reads like no attribute. */
export const escapeText = (text: string): string =>
  text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;").replaceAll('"', "&quot;");

/** The attributes that have a value, each with a blank in front. A value is one visible line. */
export const attributes = (values: Readonly<Record<string, string | null>>): string =>
  Object.entries(values)
    .map(([name, value]) => (value === null ? "" : ` ${name}="${escapeText(visible(value))}"`))
    .join("");
