import { spawnSync } from "node:child_process";
import { ask } from "../host/ask.ts";
import { startHost, type RunningHost } from "../host/programs.ts";
import { newServerDatabase, noServer } from "../host/server-database.ts";
import type { Contender, Figure, Measurement, Prepared } from "../measurement.ts";
import { builtPrograms } from "../programs.ts";
import type { Result } from "@gatehouse/std";

const floor = "on SQLite";
const ours = "on PostgreSQL";

type Way = Pick<Measurement, "name" | "title" | "rounds" | "bounds"> & {
  /** One run on this host. `client` is ncl's file. */
  readonly run: (host: RunningHost, client: string) => Promise<Figure>;
};

const prepare = async ({ run }: Way): Promise<Result<Prepared, string>> => {
  const built = builtPrograms();
  if (!built.ok) return built;
  const server = await newServerDatabase();
  if (server === null) return noServer;
  const { gatehouse, ncl } = built.value;
  const [onFile, onServer] = [await startHost(gatehouse), await startHost(gatehouse, server.address.url)];
  const contender = (name: string, host: RunningHost): Contender => ({
    name,
    run: () => run(host, ncl),
  });
  return {
    ok: true,
    value: {
      contenders: [contender(floor, onFile), contender(ours, onServer)],
      dispose: async () => {
        await Promise.all([onFile.dispose(), onServer.dispose()]);
        await server.drop();
      },
    },
  };
};

const getting = (way: Way): Measurement => ({
  ...way,
  unit: "ms",
  floor,
  prepare: () => prepare(way),
});

/** Times the whole program, as a person or a script runs it. */
export const getWithClient: Measurement = getting({
  name: "get-postgresql",
  title: "ncl groups get, from its start to its end, by where the host's database is",
  rounds: { full: 50, quick: 10 },
  bounds: { [ours]: { atMost: 1.5 } },
  run: async (host, client) => {
    const args = [client, "groups", "get", host.groupId, "--socket", host.path];
    const startedAt = performance.now();
    const { status, stderr } = spawnSync(process.execPath, args, { encoding: "utf8" });
    const value = performance.now() - startedAt;
    return status === 0 ? { ok: true, value } : { ok: false, error: stderr };
  },
});

/** Requests of one run, one on each connection: a single one takes less than a millisecond. */
const times = 500;

/**
 * The same without the start of the client: only the host and its database are timed. SQLite answers in the
 * host's process; a server is asked by one statement, in another process, so it has no bound here.
 */
export const getOverSocket: Measurement = getting({
  name: "get-postgresql-socket",
  title: `${times} requests of groups get over the socket, one on each connection, by where the host's database is`,
  rounds: { full: 25, quick: 5 },
  bounds: {},
  run: async ({ path, groupId }) => {
    const frame = { id: "1", command: "groups-get", args: { id: groupId } };
    const startedAt = performance.now();
    for (let index = 0; index < times; index += 1) await ask(path, frame);
    return { ok: true, value: performance.now() - startedAt };
  },
});
