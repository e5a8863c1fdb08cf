import { existsSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import process from "node:process";
import { nothingHere, sessionFolder, type Place, type Workload } from "@gatehouse/workloads";
import type { Container, Exit } from "@nc/container-runtime";
import { expect, onTestFinished, test, vi } from "vitest";

/** Where nothing runs yet. */
export type PlaceSubject = {
  /** The place as its host has opened it. */
  readonly place: Place;
  /** Starts a workload, with what has to happen outside of the place for it. Default: `place.start`. */
  readonly start?: Place["start"];
  /** Opens the place for the next host, after this one was killed. */
  readonly next: () => Promise<Place>;
  /** Whether the next host finds the agents of the one before: else they are ended. */
  readonly adopts: boolean;
  /** How many agents run there, whoever knows of them. */
  readonly running: () => Promise<number>;
  /** The data folder of the machine where they run. */
  readonly dataDir: string;
};

/** What an agent of the contract does. */
type Behaviour = "stays" | "exits-3" | "ignores-sigterm";

const folders = new Set<string>();
process.once("exit", () => folders.forEach((folder) => rmSync(folder, { recursive: true, force: true })));

/** The program of these agents, for all subjects of a file. */
export const contractProgram = (): string => {
  const folder = mkdtempSync(join(tmpdir(), "place-contract-"));
  folders.add(folder);
  const file = join(folder, "agent.cjs");
  writeFileSync(
    file,
    `const { readFileSync, writeFileSync } = require("node:fs");
const folder = process.env.GATEHOUSE_SESSION;
const { behaviour } = JSON.parse(readFileSync(folder + "/in/container.json", "utf8"));
if (behaviour === "exits-3") { console.error("last words"); process.exit(3); }
if (behaviour === "ignores-sigterm") process.on("SIGTERM", () => {});
writeFileSync(folder + "/up", "");
setInterval(() => {}, 1_000);
`,
  );
  return file;
};

export const workloadFor = (behaviour: Behaviour, over: Partial<Workload> = {}): Workload => ({
  label: { install: "", sessionId: "se-1", groupId: "ag-1", incarnation: 3, token: 7 },
  folder: "ana",
  provider: "echo",
  image: null,
  limits: { cpus: null, memory_mb: null, network: null, pids: null },
  containerJson: { behaviour },
  instructed: { cli_scope: "disabled", mcp_servers: {} },
  files: { whole: ["in/skills"], entries: [] },
  graceMs: 500,
  here: nothingHere("echo"),
  ...over,
});

const until = <T>(check: () => T | Promise<T>): Promise<T> =>
  vi.waitFor(check, { interval: 20, timeout: 20_000 });

const exitOf = (container: Container): Promise<Exit> => new Promise((resolve) => container.onExit(resolve));

/** The tests that every place must pass. `missing`: why this machine has no such place; the tests are skipped then. */
export const placeContract = (
  make: () => Promise<PlaceSubject>,
  { tags = [], missing = null }: { readonly tags?: readonly string[]; readonly missing?: string | null } = {},
): void => {
  const every = (title: string, check: () => Promise<void>): void =>
    test(title, { tags: [...tags] }, async ({ skip }) => {
      skip(missing !== null, missing ?? "");
      await check();
    });
  const started = async (behaviour: Behaviour, over: Partial<Workload> = {}) => {
    const subject = await make();
    const { place, start = place.start } = subject;
    onTestFinished(() => place.close());
    const made = await start(workloadFor(behaviour, over), "the token");
    if (!made.ok) expect.fail(`${made.error.code}: ${made.error.message}`);
    onTestFinished(async () => void (await made.value.kill(0)));
    if (behaviour !== "exits-3")
      await until(() => expect(existsSync(join(sessionFolder(subject, "ag-1", "se-1"), "up"))).toBe(true));
    return { ...subject, container: made.value };
  };
  const labels = async ({ left }: Place): Promise<readonly unknown[]> => {
    const found = await left();
    if (!found.ok) expect.fail(found.error.message);
    return found.value.map(({ label }) => [label.sessionId, label.groupId, label.incarnation]);
  };
  const ours = [["se-1", "ag-1", 3]];

  every("says its name, its isolation and what it lacks, and that agents can start", async () => {
    const { place } = await make();
    onTestFinished(() => place.close());
    expect(place.name).not.toBe("");
    expect(["process", "sandbox", "container"]).toContain(place.isolation);
    // A sentence for each.
    for (const reason of Object.values(place.cannot)) expect(reason).toMatch(/\S.*\.$/);
    expect(await place.problem()).toBeNull();
  });

  every("reports how an agent ended to each listener once, also to a later one", async () => {
    const { container, place } = await started("exits-3");
    const exits: Exit[] = [];
    container.onExit((exit) => exits.push(exit));
    const exit = await exitOf(container);
    expect(exit).toMatchObject({ code: 3, lastLines: expect.arrayContaining(["last words"]) as unknown });
    expect(await container.kill(0)).toEqual(exit);
    expect(exits).toEqual([exit]);
    await until(async () => expect(await labels(place)).toEqual([]));
  });

  every("names a running agent by its session and incarnation, until it has ended", async () => {
    const { container, place, running } = await started("stays");
    await until(async () => expect(await running()).toBe(1));
    expect(await labels(place)).toEqual(ours);
    const [told, exit] = await Promise.all([exitOf(container), container.kill(5_000)]);
    expect(told).toEqual(exit);
    await until(async () => expect([await labels(place), await running()]).toEqual([[], 0]));
  });

  every("ends an agent by force after its grace, once for two kills", async () => {
    const { container, running } = await started("ignores-sigterm");
    const [patient, hasty] = await Promise.all([container.kill(60_000), container.kill(50)]);
    expect(patient).toEqual(hasty);
    expect(patient.signal ?? patient.code).toBeOneOf(["SIGKILL", 137]);
    await until(async () => expect(await running()).toBe(0));
  });

  every("replaces the files of a running agent, and refuses it for one that has ended", async () => {
    const { container } = await started("stays");
    const files = { whole: ["in/skills"], entries: [{ kind: "folder", path: "in/skills/a" }] } as const;
    expect(await container.replaceFiles(files)).toEqual({ ok: true, value: null });
    const outside = { whole: [], entries: [{ kind: "folder", path: "../a" }] } as const;
    expect(await container.replaceFiles(outside)).toMatchObject({ error: { code: "files-refused" } });
  });

  every("refuses a file of the host that is gone, and starts nothing", async () => {
    const { place, start = place.start, running } = await make();
    onTestFinished(() => place.close());
    const content = { source: "/proc/nowhere/SKILL.md", size: 1, mtimeMs: 0 };
    const entries = [{ kind: "file", path: "in/skills/a", mode: 0o600, content }] as const;
    const files = { whole: ["in/skills"], entries };
    expect(await start(workloadFor("stays", { files }), "the token")).toMatchObject({
      ok: false,
      error: { message: expect.stringMatching(/\S/) as unknown },
    });
    expect([await labels(place), await running()]).toEqual([[], 0]);
  });

  every("gives its agents to the next host, or ends them before the next start", async () => {
    const { adopts, next, running, container } = await started("stays");
    await until(async () => expect(await running()).toBe(1));
    const later = await next();
    onTestFinished(() => later.close());
    if (adopts) {
      const [adopted] = await until(async () => {
        const found = await later.left();
        if (!found.ok || found.value.length === 0) throw new Error("Nothing was adopted.");
        return found.value;
      });
      expect([adopted?.reference, adopted?.label]).toEqual([container.reference, container.label]);
      await adopted?.kill(5_000);
    } else await until(async () => expect(await labels(later)).toEqual([]));
    await until(async () => expect(await running()).toBe(0));
  });
};
