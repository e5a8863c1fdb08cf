import { expect, test } from "vitest";
import { explain } from "./command-messages.ts";
import type { Problem } from "./problem.ts";

const problems: readonly { readonly problem: Problem; readonly says: string }[] = [
  { problem: { code: "frame-not-object" }, says: '{"id":"1"' },
  { problem: { code: "frame-field", field: "command" }, says: '"command"' },
  {
    problem: { code: "command-unknown", name: "gruops", near: "groups list" },
    says: "Did you mean groups list?",
  },
  {
    problem: { code: "word-unexpected", command: "groups list", word: "x" },
    says: '"groups list" takes no words after it',
  },
  { problem: { code: "words-missing", command: "can" }, says: "can groups list" },
  { problem: { code: "args-too-many" }, says: "64 flags" },
  { problem: { code: "name-malformed", name: "a\nb" }, says: '"a\\nb" cannot be a flag' },
  { problem: { code: "name-malformed", name: "x".repeat(500) }, says: 'xxx..."' },
  {
    problem: { code: "name-twice", name: "as_group", spellings: ["as-group", "As_Group"] },
    says: '"as-group" and "As_Group"',
  },
  {
    problem: { code: "value-unsafe", name: "env", unsafe: "reserved-key" },
    says: "--env has a key __proto__",
  },
  { problem: { code: "value-unsafe", name: "env", unsafe: "too-deep" }, says: "16 levels" },
  { problem: { code: "flag-unknown", name: "limti", near: "limit" }, says: "Did you mean --limit?" },
  { problem: { code: "flag-unknown", name: "foo", near: null }, says: "no flag --foo here" },
  { problem: { code: "flag-missing", name: "id", positional: true }, says: "after the command" },
  { problem: { code: "read-as", name: "id", value: "ag-1-notes" }, says: 'The id was read as "ag-1-notes".' },
  {
    problem: { code: "flag-missing", name: "local_name", positional: false },
    says: "--local-name is missing",
  },
  { problem: { code: "flag-repeated", name: "limit" }, says: "more than once" },
  { problem: { code: "value-missing", name: "model" }, says: "--model needs a value" },
  { problem: { code: "value-type", name: "limit", type: "integer" }, says: "a whole number" },
  { problem: { code: "value-not-listed", name: "mode", values: ["all", "known"] }, says: "all, known" },
  { problem: { code: "value-out-of-range", name: "limit", min: 1, max: 5 }, says: "from 1 to 5" },
  { problem: { code: "value-out-of-range", name: "limit", min: 1 }, says: "at least 1" },
  { problem: { code: "value-out-of-range", name: "limit", max: 5 }, says: "at most 5" },
  { problem: { code: "nothing-to-change", flags: ["name", "image_tag"] }, says: "--name, --image-tag" },
  { problem: { code: "no-such-row", resource: "sessions", id: "x" }, says: '"x" in sessions' },
  { problem: { code: "no-such-help", words: "x" }, says: '"help" lists' },
  { problem: { code: "no-such-group", id: "x" }, says: '"groups list"' },
  { problem: { code: "approval-simulated", command: "groups delete" }, says: "--as-group" },
  {
    problem: { code: "approval-pending", command: "groups delete" },
    says: "waits for a person's approval. The",
  },
  { problem: { code: "changed-since-asked", command: "groups delete" }, says: "ask again" },
  { problem: { code: "handler-threw", command: "groups-delete" }, says: "log" },
];

test.each(problems)("explain($problem.code) says what is wrong, where, and the fix", ({ problem, says }) => {
  const sentence = explain(problem);
  expect(sentence).toContain(says);
  expect(sentence).toMatch(/[.?}]$/);
  expect(sentence).not.toContain("\n");
});
