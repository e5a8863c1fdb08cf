import { mkdirSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { temporaryFolder } from "@gatehouse/central-database/testing";
import { expect, test } from "vitest";
import { memoryInstructions } from "./memory-instructions.ts";

test("memoryInstructions names the MEMORY.md and the folders of one person", async () => {
  const dataDir = temporaryFolder();
  mkdirSync(join(dataDir, "users/memory/5"), { recursive: true });
  const text = await memoryInstructions(dataDir, "5");
  expect(text).toContain(`\`${join(dataDir, "users/memory/5/MEMORY.md")}\``);
  expect(text).toContain(`\`${join(dataDir, "users/history/5")}\``);
  for (const other of ["6", "", "5/x", "../memory/5", "telegram:5"])
    expect(await memoryInstructions(dataDir, other)).toBe("");
});

test("memoryInstructions is empty if a link or a file is in the folder's place", async () => {
  const dataDir = temporaryFolder();
  mkdirSync(join(dataDir, "users/memory"), { recursive: true });
  symlinkSync("/etc", join(dataDir, "users/memory/5"));
  writeFileSync(join(dataDir, "users/memory/6"), "");
  for (const id of ["5", "6"]) expect(await memoryInstructions(dataDir, id)).toBe("");
});
