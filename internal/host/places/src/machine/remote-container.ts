import { fail, ok } from "@gatehouse/std";
import type { Workload } from "@gatehouse/workloads";
import {
  exitOnce,
  type Container,
  type ContainerLabel,
  type Exit,
  type ExitOnce,
  type RuntimeError,
  type RuntimeResult,
} from "@nc/container-runtime";
import type { WelcomedLine, SentFiles } from "./frames.ts";
import { sentFiles } from "./sent-files.ts";

/** An agent that runs where a line leads: on a machine, or in a Pod. */
export type RemoteContainer = {
  readonly container: Container;
  readonly exit: ExitOnce;
  /** Starts the workload there, with its files as `sentFiles` read them. `token` is that of its session. */
  readonly start: (workload: Workload, files: SentFiles, token: string) => Promise<RuntimeResult<Container>>;
  /** Call it when the line has ended. Without another one for `goneMs`, the agent has ended by this exit. */
  readonly lost: (exit: Exit) => void;
  /** Call it when there is a line again. */
  readonly found: () => void;
};

export type RemoteOptions = {
  readonly reference: string;
  readonly label: ContainerLabel;
  /** The present line; null while there is none. */
  readonly line: () => WelcomedLine | null;
  /** Ends the agent while there is no line. */
  readonly killUnreached: (graceMs: number) => void;
  /** How the agent has ended, as far as that is known without its word. */
  readonly unseen: () => Exit;
  /** Time without a line after which the agent is given up, ms. */
  readonly goneMs: number;
  /** The error of a start, or of new files, without an answer. */
  readonly away: RuntimeError;
  /** What the other side says about a refusal, as the host shows it. */
  readonly refusal: (message: string) => string;
};

/** Time beyond its grace in which the other side reports the end of an agent, ms. */
const lateMs = 5_000;

/** Makes the host's side of an agent that runs elsewhere. It ends by `exit`: the other side's word, or a reason to give it up. */
export const remoteContainer = (options: RemoteOptions): RemoteContainer => {
  const { reference, label, line, unseen, away, refusal } = options;
  const { sessionId, incarnation } = label;
  const exit = exitOnce();
  let absence: NodeJS.Timeout | undefined;
  const found = (): void => clearTimeout(absence);
  exit.onExit(found);
  const container: Container = {
    reference,
    label,
    pid: null,
    onExit: exit.onExit,
    replaceFiles: async (given) => {
      const files = await sentFiles(given);
      if (!files.ok) return files;
      const answer = await line()?.ask({ type: "files", files: files.value, sessionId, incarnation });
      if (answer?.type === "done") return ok(null);
      const message = answer?.type === "refused" ? refusal(answer.message) : away.message;
      return fail({ code: "files-refused", message });
    },
    kill: (graceMs) => {
      const there = line();
      if (there === null) options.killUnreached(graceMs);
      else there.send({ type: "kill", graceMs, sessionId, incarnation });
      // The token of its session ends with the incarnation: what may still run there writes nothing more.
      const late = setTimeout(() => exit.settle(unseen()), graceMs + lateMs);
      exit.onExit(() => clearTimeout(late));
      return exit.ended;
    },
  };
  return {
    container,
    exit,
    start: async (workload, files, token) => {
      const { here: _, ...sent } = workload;
      const answer = await line()?.ask({ type: "start", workload: { ...sent, files }, token });
      if (answer?.type === "started") return ok(container);
      return fail(
        answer?.type === "refused" ? { code: "spawn-failed", message: refusal(answer.message) } : away,
      );
    },
    lost: (unheard) => {
      clearTimeout(absence);
      absence = setTimeout(() => exit.settle(unheard), options.goneMs).unref();
    },
    found,
  };
};
