import { fieldsOf, listOf, textOf } from "@gatehouse/std";

/** The names of the skills in a reply to `skills/list`. */
export const skillNamesIn = (result: unknown): readonly string[] =>
  listOf(fieldsOf(result)["data"])
    .flatMap(({ skills }) => listOf(skills))
    .map(({ name }) => textOf(name))
    .filter((name) => name !== "");

/**
 * Escapes mentions of skills. For `$name` of a skill, and for a link `[$word](path of a skill)`, Codex would add the
 * whole skill to the prompt (0.169.0). A prompt is escaped as in XML, so a dollar sign becomes `&#36;`.
 */
export const withoutMentions = (text: string, names: readonly string[]): string =>
  [...names.map((name) => `$${name}`), "[$"].reduce(
    (rest, mention) => rest.replaceAll(mention, () => mention.replace("$", () => "&#36;")),
    text,
  );
