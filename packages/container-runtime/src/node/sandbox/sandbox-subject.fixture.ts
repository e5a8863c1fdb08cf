import { existsSync } from "node:fs";
import { join } from "node:path";
import process from "node:process";
import { setTimeout as wait } from "node:timers/promises";
import { exitOf, type ContractProgram, type RuntimeSubject } from "../../testing/contract-case.ts";
import type { Sandboxes } from "./sandboxes-in.fixture.ts";

/** Scripts of the contract's programs. A script makes the file `up-ID` when it is ready. */
const scripts: Readonly<Record<ContractProgram, string>> = {
  stays: ': > "up-$GATEHOUSE_CONTAINER"; while :; do sleep 1; done',
  "ignores-sigterm": 'trap "" TERM; : > "up-$GATEHOUSE_CONTAINER"; while :; do sleep 1; done',
  "exits-3": "echo first >&2; echo last words >&2; exit 3",
  "says-its-word":
    'trap "cat in/word >&2; exit 0" TERM; : > "up-$GATEHOUSE_CONTAINER"; while :; do sleep 1 & wait; done',
};

/** The contract's subject for sandboxes. */
export const sandboxSubject = ({
  host,
  spec,
  session,
}: Pick<Sandboxes, "host" | "session" | "spec">): RuntimeSubject => ({
  host,
  otherInstall: "there",
  crash,
  spec: (program, label) => {
    const made = spec(scripts[program]);
    return { ...made, label: { ...made.label, ...label } };
  },
  isUp: (container) => {
    // A program that ended at once says why, and does not run into the limit.
    const ended = exitOf(container).then((exit) => {
      throw new Error(`It ended before it was up: ${JSON.stringify(exit)}`);
    });
    return Promise.race([ended, until(() => existsSync(join(session, `up-${container.reference}`)))]);
  },
});

/** Kills a container's leader, and waits until it has ended: a closed host gets no exit. */
export const crash: RuntimeSubject["crash"] = async (container) => {
  const ended = exitOf(container);
  const pid = container.pid ?? 0;
  process.kill(pid, "SIGKILL");
  await Promise.race([ended, until(() => !isThere(pid))]);
};

/** Time after which a state that has not come is an error, ms. */
const longestMs = 120_000;

const until = async (holds: () => boolean): Promise<void> => {
  for (let left = longestMs; !holds(); left -= 20) {
    if (left < 0) throw new Error(`It did not come within ${longestMs} ms: ${String(holds)}`);
    await wait(20);
  }
};

const isThere = (pid: number): boolean => {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
};
