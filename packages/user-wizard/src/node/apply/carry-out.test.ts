import { expect, test } from "vitest";
import type { JournalFile, Machine } from "../../ports.ts";
import type { Change } from "./apply-plan.ts";
import { carryOut } from "./carry-out.ts";

test("carryOut keeps and unlocks the journal if the run throws", async () => {
  const closed: string[] = [];
  const done = { ok: true, value: undefined } as const;
  const journal: JournalFile = {
    records: [],
    append: async () => done,
    close: async (how) => (closed.push(how), done),
  };
  // Every other call to this machine throws a TypeError.
  const machine = { journals: { open: async () => ({ ok: true, value: journal }) } } as unknown as Machine;
  const prepared = { plan: { steps: [] }, facts: { usersFile: { path: "/users.yaml" } }, removes: null };
  await expect(carryOut(machine, prepared as unknown as Change)).rejects.toThrow(TypeError);
  expect(closed).toEqual(["keep"]);
});
