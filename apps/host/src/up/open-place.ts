import { chosenClisIn } from "@gatehouse/agent-clis";
import type { Central } from "@gatehouse/central-database";
import { installOf } from "@gatehouse/data-folder";
import { gatewaySocketIn } from "@gatehouse/gateway";
import type { HostName } from "@gatehouse/intents";
import type { HostLog } from "@gatehouse/logs";
import type { ChosenPlace, OpenPlace } from "@gatehouse/places";
import { neededPackages, tellOfFiles } from "@gatehouse/workloads";
import { programBeside } from "../programs-beside.ts";
import type { OpenDoor } from "./open-tls-door.ts";
import { runnersSocketIn } from "./start-sessions.ts";

type HostParts = {
  readonly dataDir: string;
  readonly central: Central;
  readonly owner: HostName;
  /** True if other hosts may use the same database. */
  readonly isShared: boolean;
  readonly log: HostLog;
  readonly report: (error: unknown) => void;
};

/** Opens the place in which a host runs its agents. */
export const openPlace = (
  chosen: ChosenPlace,
  { dataDir, central, owner, isShared, log, report }: HostParts,
  tls: OpenDoor | undefined,
): Promise<OpenPlace> => {
  const now = (): string => new Date().toISOString();
  const own = tls && { pin: tls.machineDoor.pin, address: `tls://${tls.machineDoor.address}` };
  const door = tls?.dial ?? own;
  return chosen.open({
    dataDir,
    install: installOf(dataDir),
    programs: { runner: programBeside("agent-runner"), ncl: programBeside("ncl") },
    clis: chosenClisIn(dataDir),
    sockets: { wire: runnersSocketIn(dataDir), gateway: gatewaySocketIn(dataDir) },
    dial: tls?.dial ?? null,
    makesGroups: isShared,
    needed: () => neededPackages(central),
    inTheWay: (groupId, notes) => tellOfFiles({ central, now, log: log.event }, groupId, notes),
    ...(door === undefined ? {} : { remote: { db: central.loop, owner: owner.name, isShared, door } }),
    log: log.event,
    report,
  });
};
