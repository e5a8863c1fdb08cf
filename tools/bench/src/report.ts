import { cpus, loadavg, release, totalmem, type } from "node:os";
import process from "node:process";
import { markdownTable } from "markdown-table";
import type { Measured, Row, Spread } from "./measure.ts";

/** The JSON document of a run. */
export type Report = {
  /** ISO 8601, UTC. */
  readonly at: string;
  readonly quick: boolean;
  /** The version of Claude Code; null without one. */
  readonly claude: string | null;
  readonly machine: Machine;
  readonly measurements: readonly Measured[];
};

type Machine = {
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

const number = (value: number): string => value.toFixed(value >= 100 ? 0 : value >= 10 ? 1 : 2);

const cells = (spread: Spread | null, format: (value: number) => string): readonly string[] =>
  spread === null ? ["-", "-"] : [format(spread.median), `${format(spread.min)} - ${format(spread.max)}`];

const undoneText = ({ undone, figures }: Row): string => {
  const count = figures.filter((figure) => figure === null).length;
  return count === 0 ? "" : `${count} of ${figures.length} undone: ${undone.join("; ")}`;
};

const tableOf = ({ unit, floor, rows }: Measured): string =>
  markdownTable(
    [
      ["", `median ${unit}`, "min - max", `ratio to ${floor}`, "min - max", ""],
      ...rows.map((row) => [
        row.contender,
        ...cells(row.absolute, number),
        ...cells(row.ratio, (value) => value.toFixed(2)),
        undoneText(row),
      ]),
    ],
    { align: ["l", "r", "r", "r", "r", "l"] },
  );

const section = (measured: Measured): string => {
  const { name, title, skipped, failed, rows } = measured;
  const body =
    skipped !== undefined
      ? `Skipped: ${skipped}.`
      : failed !== undefined
        ? `Failed: ${failed}`
        : `${tableOf(measured)}\n\nRounds: ${rows[0]?.figures.length ?? 0}.`;
  return [`## ${name}`, `${title}.`, body].join("\n\n");
};

/** The whole run as Markdown. */
export const formatReport = ({ at, quick, claude, machine, measurements }: Report): string => {
  const { cpu, cores, memoryGb, system, node, load } = machine;
  const parts = [
    ...[at.slice(0, 10), cpu, `${cores} cores (load ${load})`, `${memoryGb} GB`, system, `Node ${node}`],
    claude === null ? "no Claude Code" : `Claude Code ${claude}`,
    ...(quick ? ["quick run"] : []),
  ];
  return [`${parts.join(", ")}.`, ...measurements.map(section)].join("\n\n");
};
