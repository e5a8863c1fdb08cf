import { describe, expect, test } from "vitest";
import { readHold } from "./read-hold.ts";

const whole = { member: "ana", provider: "claude", folder: "/srv/app" };
const read = (changes: object) => readHold(JSON.stringify({ ...whole, ...changes }));

describe("the description of a hold", () => {
  test.for([
    { what: "its three required fields", changes: {} },
    {
      what: "all of its fields",
      changes: {
        team: "shop",
        settings: { codex: {} },
        args: ["-m", "o3"],
        prompt: "Read the API.",
        consents: { "api-key": "use" },
        cli: "/opt/bin/claude",
      },
    },
    { what: "no team", changes: { team: null } },
  ])("is read with $what", ({ changes }) =>
    expect(read(changes)).toEqual({ ok: true, value: { ...whole, ...changes } }),
  );

  test.for<{ what: string; changes: object; says: RegExp }>([
    { what: "a member with a slash", changes: { member: "../ana" }, says: /^"member" must be a name/ },
    { what: "an unknown provider", changes: { provider: "hal" }, says: /^"provider" must be one of claude/ },
    { what: "a relative folder", changes: { folder: "app" }, says: /^"folder" must be an absolute path/ },
    { what: "no member", changes: { member: undefined }, says: /lacks "member"/ },
    { what: "no folder", changes: { folder: undefined }, says: /lacks "folder"/ },
    { what: "an empty team", changes: { team: "" }, says: /^"team" must be null, or/ },
    { what: "arguments that are one text", changes: { args: "-m o3" }, says: /^"args" must be a list/ },
    { what: "an unknown consent", changes: { consents: { "api-key": "sk-secret" } }, says: /^"consents"/ },
    { what: "a consent to nothing", changes: { consents: "api-key" }, says: /^"consents" must be/ },
    {
      what: "a prompt that is not text",
      changes: { prompt: ["sk-secret"] },
      says: /^"prompt" must be a text/,
    },
    { what: "a relative CLI", changes: { cli: "claude" }, says: /^"cli" must be an absolute path/ },
    { what: "a misspelt field", changes: { promt: "sk-secret" }, says: /"promt"; did you mean "prompt"/ },
    { what: "a field of every object", changes: { constructor: 1 }, says: /unknown field "constructor"/ },
  ])("is refused with $what, and no value is repeated", ({ changes, says }) => {
    const answer = read(changes);
    expect(answer).toMatchObject({ ok: false, error: expect.stringMatching(says) as unknown });
    expect(JSON.stringify(answer)).not.toContain("sk-secret");
  });

  test.for([{ text: "" }, { text: "[]" }, { text: "null" }, { text: JSON.stringify(whole).slice(0, -1) }])(
    "is refused if stdin holds $text",
    ({ text }) =>
      expect(readHold(text)).toMatchObject({
        ok: false,
        error: expect.stringContaining("one JSON object") as unknown,
      }),
  );
});
