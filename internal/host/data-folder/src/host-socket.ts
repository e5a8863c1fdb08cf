import { join } from "node:path";
import process from "node:process";
import type { ErrorCode, ResponseFrame } from "@nc/cli-scope";
import { type SocketPathError, serveSocket } from "@gatehouse/socket-server";
import type { Result } from "@gatehouse/std";

/** The socket by which other programs of the host's account find the host of a data folder. */
export const hostSocketIn = (dataDir: string): string => join(dataDir, "host.sock");

type HostSocketOptions = {
  readonly dataDir: string;
  readonly version: string | null;
  /** Reads users.yaml again, and resolves with the report. */
  readonly reload: () => Promise<object>;
  /** The agents run on when this process ends next, for the next host to adopt them. */
  readonly leaveAgents: () => void;
  /** Called with bugs. */
  readonly report: (error: unknown) => void;
};

/**
 * Answers on `host.sock` (0600), a line of JSON for each: `status` (the process id, the version and the start of this process),
 * `reload` (the report, once users.yaml was read again), `stop` (the process id; then this process ends as on SIGTERM) and
 * `take-over` (the same, and the agents run on).
 * A socket that a killed host left behind is replaced.
 */
export const serveHostSocket = ({
  dataDir,
  version,
  reload,
  leaveAgents,
  report,
}: HostSocketOptions): Promise<Result<{ close(): Promise<void> }, SocketPathError>> => {
  const { pid } = process;
  const since = new Date().toISOString();
  const end = (): object => {
    // Later, so that the answer goes out first.
    setImmediate(() => process.kill(pid, "SIGTERM"));
    return { pid };
  };
  const acts: Readonly<Record<string, () => Promise<object>>> = {
    status: async () => ({ pid, version, since }),
    reload,
    stop: async () => end(),
    "take-over": async () => {
      leaveAgents();
      return end();
    },
  };
  const answer = async (frame: unknown): Promise<ResponseFrame> => {
    const { id, command } = (frame ?? {}) as { readonly id?: unknown; readonly command?: unknown };
    if (typeof id !== "string" || typeof command !== "string")
      return refused("", "transport-error", "A frame has an id and a command.");
    const act = Object.hasOwn(acts, command) ? acts[command] : undefined;
    if (act === undefined)
      return refused(id, "unknown-command", `There are ${Object.keys(acts).join(", ")} here.`);
    return { id, ok: true, data: await act() };
  };
  return serveSocket({ path: hostSocketIn(dataDir), answer, report });
};

const refused = (id: string, code: ErrorCode, message: string): ResponseFrame => ({
  id,
  ok: false,
  error: { code, message },
});
