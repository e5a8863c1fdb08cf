import { mkdirSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { locateWorkspace } from "./locate/locate-workspace.ts";
import { probeTrust } from "./probe-trust.ts";
import { readGrants } from "./read-grants.ts";
import { trustSnapshot } from "./trust-snapshot.ts";

const made = async () => {
  const root = realpathSync(mkdtempSync(join(tmpdir(), "trust-snapshot-")));
  onTestFinished(() => rmSync(root, { recursive: true, force: true }));
  const [home, folder, other] = [join(root, "home"), join(root, "a"), join(root, "b")] as const;
  for (const place of [home, folder, other]) mkdirSync(place);
  const trust = (...folders: readonly string[]): void => {
    const projects = Object.fromEntries(folders.map((key) => [key, { hasTrustDialogAccepted: true }]));
    writeFileSync(join(home, ".claude.json"), JSON.stringify({ projects }));
  };
  const pathsOf = async (dir: string) => {
    const located = await locateWorkspace(dir, { home });
    if (!located.ok) throw new Error(located.error.detail);
    return located.value;
  };
  const paths = { folder: await pathsOf(folder), other: await pathsOf(other) };
  return { root, paths, trust, context: { env: { HOME: home }, home } };
};

test("a snapshot gives the same answers as probeTrust and readGrants", async () => {
  const { root, paths, trust, context } = await made();
  trust(paths.folder.real);
  writeFileSync(join(root, ".mcp.json"), JSON.stringify({ mcpServers: { one: { command: "x" } } }));
  const snapshot = trustSnapshot(context);
  for (const place of [paths.folder, paths.other]) {
    expect(await snapshot.probe(place)).toEqual(await probeTrust({ ...context, paths: place }));
    expect(await snapshot.grants(place)).toEqual(await readGrants(place));
  }
  expect(await snapshot.grants(paths.other)).toHaveLength(1);
});

test("a snapshot reads a shared file once, and does not see a later change of it", async () => {
  const { root, paths, trust, context } = await made();
  trust(paths.folder.real);
  const snapshot = trustSnapshot(context);
  expect((await snapshot.probe(paths.folder)).state).toBe("trusted");
  expect(await snapshot.grants(paths.folder)).toEqual([]);
  trust(paths.other.real);
  writeFileSync(join(root, ".mcp.json"), JSON.stringify({ mcpServers: { one: { command: "x" } } }));
  expect((await snapshot.probe(paths.other)).state).toBe("untrusted");
  expect(await snapshot.grants(paths.other)).toEqual([]);
  const later = trustSnapshot(context);
  expect((await later.probe(paths.other)).state).toBe("trusted");
  expect(await later.grants(paths.other)).toHaveLength(1);
});
