import { mkdirSync, mkdtempSync, readdirSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { eventLog } from "../event-log.ts";
import { forget } from "./forget.ts";
import { heldPlaces, unfinished } from "./held-places.ts";

test("forget removes all files of an agent, also its older log and a half-written status", async () => {
  const dataDir = mkdtempSync(join(tmpdir(), "held-"));
  onTestFinished(() => rmSync(dataDir, { recursive: true }));
  const places = heldPlaces(dataDir);
  const [state, log] = [places.stateOf("one"), places.logOf("one")];
  for (const file of [state, log]) mkdirSync(dirname(file), { recursive: true });
  for (const file of [state, unfinished(state, "one")]) writeFileSync(file, "{");
  const note = eventLog(log, () => "now");
  for (let events = 0; events < 3; events += 1) note({ event: "state", text: "x".repeat(300_000) });
  expect(readdirSync(dirname(log))).toEqual(["one.jsonl", "one.jsonl.1"]);
  await forget(places, "one");
  const left = readdirSync(dataDir, { recursive: true, encoding: "utf8" });
  expect(left.filter((name) => statSync(join(dataDir, name)).isFile())).toEqual([]);
});
