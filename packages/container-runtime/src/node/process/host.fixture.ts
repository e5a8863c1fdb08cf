import { processKind } from "./process-runtime.ts";
import { writeFileSync, writeSync } from "node:fs";
import { join } from "node:path";
import process from "node:process";
import { createInterface } from "node:readline";
import type { WorkloadSpec } from "../../workload-spec.ts";
import { processRuntime } from "./process-runtime.ts";
import { type Registry, containerRegistry } from "./registry.ts";
import { spawnRecorded } from "./spawn.ts";

/**
 * The job of a host that runs as a separate program. Tests kill it, or it kills itself at the step `dies`.
 * With `obeys`, it ends its container for each line on stdin, which has the grace in ms, and prints the exit.
 */
export type HostJob = {
  readonly records: string;
  readonly spec: WorkloadSpec;
  readonly count: number;
  readonly dies:
    | "gate-started"
    | "record-half-written"
    | "record-written"
    | "gate-opened"
    | "obeys"
    | "never";
};

const say = (text: string): void => void writeSync(1, `${text}\n`);
const die = (): void => void process.kill(process.pid, "SIGKILL");
const options = (folder: string) => ({ folder, install: "here", report: say });

/** A registry that prints the pid of each process in its gate, and kills the host at the step `dies`. */
const dyingRegistry = ({ records: folder, dies }: HostJob): Registry => {
  const registry = containerRegistry(options(folder), processKind);
  const add: Registry["records"]["add"] = async (record) => {
    say(String(record.process.pid));
    if (dies === "gate-started") die();
    if (dies === "record-half-written") {
      writeFileSync(join(folder, `${record.id}.json.new`), JSON.stringify(record).slice(0, 30));
      die();
    }
    const added = await registry.records.add(record);
    if (dies === "record-written") die();
    return added;
  };
  return { ...registry, records: { ...registry.records, add } };
};

const run = async (job: HostJob): Promise<void> => {
  const registry = dyingRegistry(job);
  for (let left = job.count; left > 0; left -= 1) await spawnRecorded(registry, job.spec);
  if (job.dies === "gate-opened") die();
};

const obey = async ({ records, spec }: HostJob): Promise<void> => {
  const spawned = await processRuntime(options(records)).spawn(spec);
  say(JSON.stringify(spawned.ok ? spawned.value.pid : spawned.error));
  if (!spawned.ok) return;
  for await (const line of createInterface({ input: process.stdin }))
    if (line !== "") say(JSON.stringify(await spawned.value.kill(Number(line))));
};

const job = JSON.parse(process.argv[2] ?? "") as HostJob;
await (job.dies === "obeys" ? obey(job) : run(job));
