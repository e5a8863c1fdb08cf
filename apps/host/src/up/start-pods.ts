import type { Kysely } from "kysely";
import type { CentralTables } from "@gatehouse/central-database";
import type { HostName } from "@gatehouse/intents";
import type { HostLog } from "@gatehouse/logs";
import type { Pods } from "@gatehouse/places/pod";
import { heardHosts, installationName } from "@gatehouse/session-rows";
import type { OpenDoor } from "./open-tls-door.ts";
import type { UsedRuntime } from "./start-sessions.ts";

type StartPodsOptions = {
  readonly db: Kysely<CentralTables>;
  readonly owner: HostName;
  /** True if other hosts may use the same database. */
  readonly isShared: boolean;
  readonly log: HostLog;
  readonly report: (error: unknown) => void;
};

/** Opens the Pods of agents, which find the host at its TLS port; null if agents run on this machine. */
export const startPods = async (
  runtime: Pick<UsedRuntime, "pods"> | undefined,
  { db, owner, isShared, log, report }: StartPodsOptions,
  tls: OpenDoor | undefined,
): Promise<Pods | null> => {
  if (runtime?.pods === undefined) return null;
  if (tls === undefined) throw new TypeError("Pods need a TLS port.");
  const { dial, machineDoor } = tls;
  const { address, pin } = dial ?? { ...machineDoor, address: `tls://${machineDoor.address}` };
  const { openPods } = await import("@gatehouse/places/pod");
  return openPods({
    ...runtime.pods,
    install: await installationName(db),
    owner: owner.name,
    heardHosts: async () => new Set(isShared ? (await heardHosts(db).execute()).map(({ name }) => name) : []),
    host: { address, pin },
    log: log.event,
    report,
  });
};
