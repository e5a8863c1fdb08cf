import { mkdir, mkdtemp, readFile, realpath, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test, vi } from "vitest";

const example = new URL("../../examples/is-it-trusted.ts", import.meta.url);
const fromData = new URL("../../examples/judge-from-data.ts", import.meta.url);
const judgePage = new URL("../../docs/judge-from-data.md", import.meta.url);

test("the example answers for a folder", async () => {
  const home = await realpath(await mkdtemp(join(tmpdir(), "is-it-trusted-")));
  await mkdir(join(home, "repo/.claude"), { recursive: true });
  await writeFile(join(home, "repo/.claude/settings.json"), '{"env":{"API_TOKEN":"s3cret"}}');
  const projects = { [join(home, "repo")]: { hasTrustDialogAccepted: true } };
  await writeFile(join(home, ".claude.json"), JSON.stringify({ projects }));
  vi.stubEnv("HOME", home);
  vi.stubEnv("USERPROFILE", home);
  vi.stubEnv("CLAUDE_CONFIG_DIR", undefined);
  const log = vi.spyOn(console, "log").mockImplementation(() => {});
  const argv = process.argv;
  process.argv = ["node", "example", join(home, "repo")];
  await import(/* @vite-ignore */ example.href);
  process.argv = argv;
  expect(log.mock.calls.flat()).toEqual([
    `trusted (own-key): ${join(home, "repo")} itself is trusted.`,
    `trust switches on: env API_TOKEN (${join(home, "repo/.claude/settings.json")})`,
  ]);
  vi.unstubAllEnvs();
  log.mockRestore();
  await rm(home, { recursive: true, force: true });
});

test("the example that judges from data prints what its page shows", async () => {
  const log = vi.spyOn(console, "log").mockImplementation(() => {});
  await import(/* @vite-ignore */ fromData.href);
  const printed = log.mock.calls.flat();
  log.mockRestore();
  expect(printed).toHaveLength(1);
  expect(await readFile(judgePage, "utf8")).toContain(`\n\`\`\`\n${String(printed[0])}\n\`\`\`\n`);
});
