import { cpus, loadavg, release, totalmem, type } from "node:os";
import process from "node:process";

/** The machine of a run. */
export type Machine = {
  readonly cpu: string;
  readonly cores: number;
  readonly memoryGb: number;
  readonly system: string;
  readonly node: string;
  /** The load average of the last five minutes, our own processes included. */
  readonly load: number;
};

export const thisMachine = (): Machine => ({
  cpu: cpus()[0]?.model ?? "unknown",
  cores: cpus().length,
  memoryGb: Math.round(totalmem() / 2 ** 30),
  system: `${type()} ${release()}`,
  node: process.version,
  load: Math.round((loadavg()[1] ?? 0) * 10) / 10,
});
