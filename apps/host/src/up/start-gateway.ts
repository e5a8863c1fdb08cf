import type { Failure } from "@gatehouse/cli-kit";
import type { Central } from "@gatehouse/central-database";
import { explainStart } from "@gatehouse/data-folder";
import { readIfChanged } from "@gatehouse/fs-kit";
import {
  databaseMeter,
  defaultUpstreams,
  type Gateway,
  gatewaySocketIn,
  keySource,
  serveGateway,
  troubleNotices,
  type Upstreams,
  vendorTroubles,
} from "@gatehouse/gateway";
import { pricesFileIn, readPrices } from "@gatehouse/gateway/prices";
import type { HostLog } from "@gatehouse/logs";
import { fail, type Result } from "@gatehouse/std";

type StartGatewayOptions = {
  readonly dataDir: string;
  readonly central: Central;
  /** The addresses that the operator has set, now. */
  readonly upstreams: () => Partial<Upstreams>;
  readonly log: HostLog["event"];
  readonly report: (error: unknown) => void;
};

const now = (): Date => new Date();

/** Starts the gateway of a data folder's agents to the models. */
export const startGateway = async ({
  dataDir,
  central,
  upstreams,
  log,
  report,
}: StartGatewayOptions): Promise<Result<Gateway, Failure>> => {
  const served = await serveGateway({
    path: gatewaySocketIn(dataDir),
    reading: central.reading,
    report,
    upstreams: () => ({ ...defaultUpstreams, ...upstreams() }),
    ...keySource(dataDir),
    meter: databaseMeter({
      db: central.loop,
      prices: readIfChanged(pricesFileIn(dataDir), () => readPrices(dataDir)),
      now,
    }),
    noteVendor: vendorTroubles({ db: central.loop, log, now }),
    tellOwners: troubleNotices(central.loop, now),
  });
  return served.ok ? served : fail(explainStart(served.error));
};
