import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { reloadFixture } from "@gatehouse/host/testing";
import { addUser, loadUsersFile } from "@nc/user-wizard/node";
import { makeFakeMachine, usersText } from "@nc/user-wizard/testing";
// The fastest YAML library for Node that was found: 75 ms for this file; js-yaml 5.5.0 takes 92 at best.
import { load } from "js-yaml-4";
import { parseDocument } from "yaml";
import type { Figure, Measurement } from "../measurement.ts";

const users = 10_000;

const timed = (work: () => unknown) => async (): Promise<Figure> => {
  const startedAt = performance.now();
  await work();
  return { ok: true, value: performance.now() - startedAt };
};

const service = { name: "service", uid: 900, gid: 900, home: "/srv" };
const ada = { name: "ada", uid: 1001, gid: 1001, home: "/home/ada" };

/**
 * A machine in memory with this users.yaml. Programs and disks cost nothing there, so only the wizard's own
 * time remains.
 */
const machineWith = (text: string): ReturnType<typeof makeFakeMachine> => {
  const made = makeFakeMachine("linux", [service, ada]);
  const root = { uid: 0, gid: 0 };
  for (const path of ["/home", "/home/ada"]) made.disk.put(path, { kind: "directory", mode: 0o755, ...root });
  const own = { uid: service.uid, gid: service.gid };
  made.disk.put("/data", { kind: "directory", mode: 0o711, ...own });
  made.disk.put("/data/users.yaml", { kind: "file", mode: 0o600, ...own }, text);
  return made;
};

const addOne = async (text: string): Promise<Figure> => {
  const { machine } = machineWith(text);
  const places = { usersFile: "/data/users.yaml", dataDir: "/data/users", service: service.name };
  const answers = { telegram_id: 7, name: "Ada", os_user: "ada" };
  const startedAt = performance.now();
  const added = await addUser(machine, { places, answers });
  const value = performance.now() - startedAt;
  return added.ok && added.value.status === "added" ? { ok: true, value } : { ok: false, error: "not added" };
};

const parsing = "one parseDocument of it";
const adding = "addUser";

export const usersAdd: Measurement = {
  name: "users-add",
  title: "A person added to a users.yaml of 10,000, whole",
  unit: "ms",
  floor: parsing,
  bounds: { [adding]: { atMost: 2.5 } },
  rounds: { full: 15, quick: 3 },
  prepare: async () => {
    const text = usersText(users);
    return {
      ok: true,
      value: {
        contenders: [
          { name: parsing, run: timed(() => parseDocument(text)) },
          { name: adding, run: () => addOne(text) },
        ],
      },
    };
  },
};

const loading = "js-yaml 4.3.2, load";
const reloading = "loadUsersFile";

export const usersReload: Measurement = {
  name: "users-reload",
  title: "users.yaml with 10,000 people read again and checked, in a thread of its own",
  unit: "ms",
  floor: loading,
  bounds: { [reloading]: { atMost: 3 } },
  rounds: { full: 25, quick: 5 },
  prepare: async () => {
    const folder = await mkdtemp(join(tmpdir(), "bench-users-"));
    const path = join(folder, "users.yaml");
    const text = usersText(users);
    await writeFile(path, text, { mode: 0o600 });
    // The first load starts the thread, which a host then keeps.
    await loadUsersFile(path);
    return {
      ok: true,
      value: {
        contenders: [
          { name: loading, run: timed(() => load(text)) },
          { name: reloading, run: timed(() => loadUsersFile(path)) },
        ],
        dispose: () => rm(folder, { recursive: true }),
      },
    };
  },
};

const holding = "js-yaml 4.3.2, load, on the event loop";
const stalling = "the longest that a reload held it";

/** The promise is at most 50 ms; the floor is about 70. */
export const usersReloadStall: Measurement = {
  name: "users-reload-stall",
  title: "How long a host answers nobody while 10,000 people come by users.yaml, and go by it",
  unit: "ms",
  floor: holding,
  bounds: { [stalling]: { atMost: 0.7 } },
  rounds: { full: 15, quick: 3 },
  prepare: async () => {
    const folder = await mkdtemp(join(tmpdir(), "bench-stall-"));
    const fixture = await reloadFixture(folder);
    const text = usersText(users);
    const stall = async (): Promise<Figure> => {
      const coming = await fixture.stall(text);
      return { ok: true, value: Math.max(coming, await fixture.stall("users: []\n")) };
    };
    return {
      ok: true,
      value: {
        contenders: [
          { name: holding, run: timed(() => load(text)) },
          { name: stalling, run: stall },
        ],
        dispose: async () => {
          await fixture.close();
          await rm(folder, { recursive: true });
        },
      },
    };
  },
};
