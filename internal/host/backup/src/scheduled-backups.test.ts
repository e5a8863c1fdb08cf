import { mkdirSync, readFileSync, readdirSync, renameSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import process from "node:process";
import { temporaryFolder } from "@gatehouse/central-database/testing";
import { describe, expect, inject, onTestFinished, test, vi } from "vitest";
import { usedFolder, verify } from "./backup.fixture.ts";
import { keepSchedule, scheduleState, type Schedule } from "./kept-schedule.ts";
import { startScheduledBackups } from "./scheduled-backups.ts";

const day = 86_400_000;
const setAt = Date.parse("2026-11-29T03:00:00Z");

/** A used data folder with a schedule, and the folder of its backups. */
const scheduled = async (more: Partial<Schedule> = {}) => {
  const [dataDir, to] = [await usedFolder(), join(temporaryFolder(), "backups")];
  mkdirSync(to);
  const usual = { every: "1d", keep: 14, withSecrets: false, recipients: [], passphraseFile: null };
  await keepSchedule(dataDir, { ...usual, to, setAt, ...more });
  return { dataDir, to };
};

const begin = (dataDir: string, log: (event: string) => void = () => undefined) => {
  const told: string[] = [];
  const stop = startScheduledBackups({
    dataDir,
    program: [process.execPath, inject("programs").gatehouse],
    env: { ...process.env, GATEHOUSE_DATABASE: undefined },
    tellOwners: async (id, text) => void told.push(`${id}: ${text}`),
    log,
    report: (error) => expect.fail(String(error)),
  });
  return { told, stop };
};

/** One look of a host at this time, to the end of its backup. Returns its event, and what owners are told. */
const lookAt = async (dataDir: string, time: number) => {
  vi.useFakeTimers({ toFake: ["Date"], now: time });
  onTestFinished(() => void vi.useRealTimers());
  const log = vi.fn<(event: string) => void>();
  const { told, stop } = begin(dataDir, log);
  await vi.waitFor(() => expect(log).toHaveBeenCalled());
  await stop();
  return { event: log.mock.calls[0]?.[0], told };
};

describe("the backups of a schedule", () => {
  test("are whole, the newest stay, and a file of another's making stays too", async () => {
    const { dataDir, to } = await scheduled({ keep: 2 });
    writeFileSync(join(to, "gatehouse-20200101T000000Z.tar"), "a person's");
    for (const days of [0, 1, 2])
      expect(await lookAt(dataDir, setAt + days * day)).toEqual({ event: "backup-made", told: [] });
    expect(readdirSync(to).toSorted()).toEqual([
      "gatehouse-20200101T000000Z.tar",
      "gatehouse-20261130T030000Z.tar",
      "gatehouse-20261201T030000Z.tar",
    ]);
    const file = join(to, "gatehouse-20261201T030000Z.tar");
    expect(await verify(file)).toMatchObject({ ok: true });
    expect(await scheduleState(dataDir, setAt + 2 * day)).toMatchObject({
      value: { last: { file }, nextAt: "2026-12-02T03:00:00.000Z", failure: null },
    });
  });

  test("that fail tell owners once in a row, and remove no good one", async () => {
    const { dataDir, to } = await scheduled({ keep: 1 });
    await lookAt(dataDir, setAt);
    const database = join(dataDir, "gatehouse.db");
    renameSync(database, `${database}.away`);
    const [first, again] = [
      await lookAt(dataDir, setAt + day),
      await lookAt(dataDir, setAt + day + 3_600_000),
    ];
    expect(first).toEqual({
      event: "backup-failed",
      told: [
        expect.stringMatching(
          /^backup-failed\/\d+: The backup of .* failed: There is no database .* To fix it: /,
        ),
      ],
    });
    // The same id: owners have it already.
    expect(again).toEqual(first);
    expect(readdirSync(to)).toEqual(["gatehouse-20261129T030000Z.tar"]);
    expect(await scheduleState(dataDir, setAt + day + 3_600_000)).toMatchObject({
      value: { failure: { since: "2026-11-30T03:00:00.000Z" }, nextAt: "2026-11-30T05:00:00.000Z" },
    });
    renameSync(`${database}.away`, database);
    expect(await lookAt(dataDir, setAt + day + 7_200_000)).toEqual({ event: "backup-made", told: [] });
    expect(readdirSync(to)).toEqual(["gatehouse-20261130T050000Z.tar"]);
    expect(await scheduleState(dataDir, setAt + day)).toMatchObject({ value: { failure: null } });
  });

  test("have secrets for their recipients alone", async () => {
    const key = "age1ql3z7hjy54pw3hyww5ayyfg7zqgvc7w3j2elw8zmrj2kg5sfn9aqmcac8p";
    const { dataDir, to } = await scheduled({ withSecrets: true, recipients: [key] });
    await lookAt(dataDir, setAt);
    expect(readFileSync(join(to, "gatehouse-20261129T030000Z.age"), "latin1")).toMatch(/^age-encryption/);
  });

  test("end with the host, which leaves nothing of them", async () => {
    const { dataDir, to } = await scheduled();
    const { told, stop } = begin(dataDir);
    await stop();
    expect({ told, left: readdirSync(to) }).toEqual({ told: [], left: [] });
  });

  test("are none if the schedule is torn, and owners are told", async () => {
    const { dataDir, to } = await scheduled();
    writeFileSync(join(dataDir, "backup-schedule.json"), "{");
    const { told, stop } = begin(dataDir);
    await stop();
    expect(told).toEqual([expect.stringContaining("backup-schedule.json (it is torn), so none are made.")]);
    expect(readdirSync(to)).toEqual([]);
  });
});
