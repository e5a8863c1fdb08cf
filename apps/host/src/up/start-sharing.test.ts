import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { at, openedCentral, temporaryFolder } from "@gatehouse/central-database/testing";
import { jsonFilesIn, makeSettingsKey, settingsSharing } from "@gatehouse/shared-settings";
import { expect, onTestFinished, test } from "vitest";
import { startSharing } from "./start-sharing.ts";

test("calls the followers of what another host changed before they followed, once", async () => {
  const [central, dataDir, otherDir] = [
    await openedCentral(temporaryFolder()),
    temporaryFolder(),
    temporaryFolder(),
  ];
  const keyFile = join(temporaryFolder(), "key");
  const key = await makeSettingsKey(keyFile);
  if (!key.ok) return expect.fail(key.error);
  const upstreams = JSON.stringify({ anthropic: "http://127.0.0.1:9002/" });
  writeFileSync(join(otherDir, "upstreams.json"), upstreams, { mode: 0o600 });
  const files = jsonFilesIn(otherDir, { "upstreams.json": () => null }, () => {});
  await settingsSharing({
    db: central.db,
    dataDir: otherDir,
    host: "other",
    key: key.value,
    files,
    now: () => at,
    log: () => {},
  }).share();
  const started = await startSharing({
    dataDir,
    db: central.db,
    owner: { name: "one-1", prefix: "one-" },
    succession: { id: "su-1", since: "" },
    replaced: () => expect.fail("it was replaced"),
    keyFile,
    usersFile: join(dataDir, "users.yaml"),
    version: null,
    runtime: "process",
    log: () => {},
    report: (error) => expect.fail(String(error)),
  });
  if (!started.ok) return expect.fail(started.error.message);
  onTestFinished(started.value.close);
  const called: string[] = [];
  started.value.follow({
    users: {
      isApplied: async () => true,
      reload: () => expect.fail("users.yaml was not taken"),
    },
    "upstreams.json": async () => void called.push("upstreams.json"),
  });
  expect(called).toEqual(["upstreams.json"]);
});
