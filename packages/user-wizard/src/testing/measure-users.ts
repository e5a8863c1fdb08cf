import { load } from "js-yaml";
import { parseDocument } from "yaml";
import { readUsers } from "../read-users.ts";
import { spliceUser } from "../splice-user.ts";
import { userNamed } from "./user-named.ts";

/** A users.yaml with this many users, as a person would write them: ten lines each. */
export const usersText = (count: number): string =>
  `# users\ndefaults:\n  model: sonnet\nusers:\n${Array.from({ length: count }, (_, index) => entryText(index)).join("")}`;

const entryText = (index: number): string =>
  `  - telegram_id: ${100_000 + index}
    name: Person ${index}
    role: user
    os_user: person${index}
    github: gh-${index}
    max_budget: 5.5
    github_repos:
      - acme/repo-${index}
      - acme/other
    pr_review: true
`;

/** Milliseconds: reading strictly with positions, and loading the plain values with js-yaml and with yaml. */
export type ReadingTimes = { readonly readMs: number; readonly jsYamlMs: number; readonly yamlMs: number };

/** Milliseconds: adding one user's text, with everything that proves it, and parsing the file with yaml once. */
export type SplicingTimes = { readonly spliceMs: number; readonly parseDocumentMs: number };

const timed = (now: () => number, work: () => unknown): number => {
  const start = now();
  work();
  return now() - start;
};

/** One round over a text of `usersText`. Take several, and compare medians: the first ones pay for the compiler. */
export const measureReading = (now: () => number, text: string): ReadingTimes => ({
  jsYamlMs: timed(now, () => load(text)),
  readMs: timed(now, () => readUsers(text)),
  yamlMs: timed(now, () => parseDocument(text).toJS()),
});

/** One round; as above. */
export const measureSplicing = (now: () => number, text: string): SplicingTimes => {
  const parseDocumentMs = timed(now, () => parseDocument(text));
  const spliceMs = timed(now, () => {
    const read = readUsers(text);
    if (read.ok) spliceUser(text, read.value, userNamed("Ada", { telegram_id: 7, os_user: "ada" }));
  });
  return { spliceMs, parseDocumentMs };
};
