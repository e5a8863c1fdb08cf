import { mkdirSync, readdirSync, readFileSync, readlinkSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { providerPlace } from "../provider.fixture.ts";
import { codexHome, writeCodexFiles } from "./codex-files.ts";
import { keepTurnRecord, readTurnRecord } from "./turn-record.ts";

const workload = () => {
  const place = providerPlace();
  const home = codexHome(place.folder);
  mkdirSync(home);
  return { ...place, home, place };
};

test("CODEX_HOME loses permissions that an agent could have given itself, and keeps threads and records", async () => {
  const { folder, home, place } = workload();
  for (const name of ["sessions", "turns", "rules", "hooks", "agents"]) mkdirSync(join(home, name));
  for (const name of ["config.toml", "hooks.json", "state_5.sqlite", "state_5.sqlite-wal", "auth.json"])
    writeFileSync(join(home, name), "old");
  await writeCodexFiles(place);
  expect(readdirSync(home).toSorted()).toEqual(
    [
      "AGENTS.md",
      "config.toml",
      "sessions",
      "skills",
      "state_5.sqlite",
      "state_5.sqlite-wal",
      "turns",
    ].toSorted(),
  );
  expect(readFileSync(join(home, "config.toml"), "utf8")).toContain('web_search = "disabled"');
  expect(readlinkSync(join(home, "skills"))).toBe(join(folder, "in", "skills"));
});

test("CODEX_HOME gets the group's instructions, and no link of an agent is followed", async () => {
  const { folder, home, cwd, place } = workload();
  const victim = join(folder, "victim");
  writeFileSync(victim, "mine");
  writeFileSync(join(cwd, "AGENTS.md"), "Say PINEAPPLE.\n");
  for (const name of ["AGENTS.md", "config.toml", "config.toml.new"]) symlinkSync(victim, join(home, name));
  await writeCodexFiles(place);
  expect(readFileSync(join(home, "AGENTS.md"), "utf8")).toBe("Say PINEAPPLE.\n");
  expect(readFileSync(victim, "utf8")).toBe("mine");
});

test("only the record of the newest batch is kept", async () => {
  const { folder } = workload();
  expect(await readTurnRecord(folder, "b-1")).toEqual({ thread: null, allowed: [] });
  const record = { thread: "th", allowed: [{ tool: "commandExecution", input: { command: "ls" } }] };
  await keepTurnRecord(folder, "b-1", record);
  expect(await readTurnRecord(folder, "b-1")).toEqual(record);
  await keepTurnRecord(folder, "b-2", { thread: null, allowed: [] });
  expect(await readTurnRecord(folder, "b-1")).toEqual({ thread: null, allowed: [] });
});

test("a torn record is read as no record", async () => {
  const { folder, home } = workload();
  mkdirSync(join(home, "turns"));
  writeFileSync(join(home, "turns", "b-1.json"), '{"thread":');
  expect(await readTurnRecord(folder, "b-1")).toEqual({ thread: null, allowed: [] });
});
