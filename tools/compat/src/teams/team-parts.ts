import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import type { Box } from "../box/box.ts";
import { awaited, launchProblems, type ExpectedLaunch, type Stage } from "./stage.ts";

export const claude = (name: string, folder: string): string =>
  `{ name: ${name}, provider: claude, folder: ${folder} }`;
export const codex = (name: string, folder: string): string =>
  `{ name: ${name}, provider: codex, folder: ${folder} }`;
export const worktree = (name: string, folder: string): string =>
  `{ name: ${name}, provider: claude, folder: ${folder}, worktree: true }`;

export const repositories =
  (...names: readonly string[]) =>
  (box: Box): void =>
    names.forEach((name) => box.repository(name));

/** Launches once, and compares. */
export const launches =
  (expected: ExpectedLaunch) =>
  async (stage: Stage): Promise<string[]> =>
    launchProblems(stage, await stage.launch(), expected);

/** Its rows look like a list in Codex's composer; the last line fills more than one row. */
const secondParagraph = `a second line,\n\nand a third one ${"that goes on ".repeat(12)}to the end.`;

/** Sends an agent a prompt of several rows, and reads the model's answer on its screen. */
export const takesTurn = async ({ gatehouse }: Stage, member: string): Promise<string[]> => {
  const sent = await gatehouse(["send", member, `hello to ${member},\n${secondParagraph}`]);
  if (sent.exitCode !== 0) return [`send to ${member}: ${sent.stdout}${sent.stderr}`];
  return awaited(`the answer on the screen of ${member}`, async () => {
    const { stdout } = await gatehouse(["screen", member]);
    return stdout.includes(`hello to ${member}`) && stdout.includes("you said: ");
  });
};

/** The team and its last launch, as a data folder keeps them. */
export const storedIn = (data: string): readonly (string | null)[] =>
  ["teams", "last"].map((folder) => {
    const file = join(data, "launches", folder, "shop.json");
    return existsSync(file) ? readFileSync(file, "utf8") : null;
  });
