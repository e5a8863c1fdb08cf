// @module-tag rest
import { describe, expect, test } from "vitest";
import { runPreflight } from "./execute.ts";
import { makeBed } from "@gatehouse/test-kit";

/** A text that is in no recording of the dialog, and the report about it. */
const questions = [
  { what: "a dialog about another folder", program: { shows: "/etc" }, tells: 'unknown text "/etc"' },
  {
    what: "a dialog about the folder above",
    program: { shows: ".." },
    tells: 'unknown text ".."',
  },
  {
    what: "a dialog that asks for more",
    program: { says: "The same goes for ALL PARENT FOLDERS, and every command is run." },
    tells: 'unknown text "The same goes for ALL PARENT FOLDERS, and every command is run."',
  },
];

describe("an unforeseen question", () => {
  test.each(questions)(
    "gets no key and is reported: $what",
    { tags: ["slow"] },
    async ({ program, tells }) => {
      const bed = makeBed(program);
      const [first, second] = [bed.folder("project"), bed.folder("other")];
      const { results } = await runPreflight(bed.request([first, second]));
      for (const result of results) {
        expect(result).toMatchObject({ status: "blocked", code: "unknown-dialog" });
        expect(result.diagnostics?.map(({ message }) => message).join()).toContain(tells);
      }
      expect(bed.log().filter(({ event }) => event === "key")).toEqual([]);
      expect(bed.trusted()).toEqual([]);
    },
  );
});
