import { fieldsOf, listOf, textOf } from "../fields.ts";

/** The names of the skills in a reply to `skills/list`. */
export const skillNamesIn = (result: unknown): readonly string[] =>
  listOf(fieldsOf(result)["data"])
    .flatMap(({ skills }) => listOf(skills))
    .map(({ name }) => textOf(name))
    .filter((name) => name !== "");

/**
 * A text that mentions no skill: for `$name` of a skill, and for a link `[$word](path of a skill)`, Codex would put the
 * whole skill beside it (0.169.0). Everything in a prompt is escaped as in XML, and this is how that writes a dollar
 * sign.
 */
export const withoutMentions = (text: string, names: readonly string[]): string =>
  [...names.map((name) => `$${name}`), "[$"].reduce(
    (rest, mention) => rest.replaceAll(mention, () => mention.replace("$", () => "&#36;")),
    text,
  );
