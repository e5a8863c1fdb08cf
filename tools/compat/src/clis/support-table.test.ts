import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { supportTable } from "./support-table.ts";

test("the README's table of agents matches the versions that compat runs", () => {
  const readme = readFileSync(join(import.meta.dirname, "../../../../README.md"), "utf8");
  const cells = (text: string): string => text.replace(/ *\| */g, "|").replace(/-+/g, "-");
  expect(cells(readme)).toContain(cells(supportTable()));
});
