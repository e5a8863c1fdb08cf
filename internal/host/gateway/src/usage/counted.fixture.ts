import { readPrices, setPrice, type ModelPrice } from "../prices/index.ts";
import { addRow } from "@gatehouse/central-database/testing";
import { onTestFinished } from "vitest";
import { gatewayFixture, type Answering, type GatewayFixture } from "../gateway.fixture.ts";
import type { GatewayOptions } from "../forward/serve-gateway.ts";
import { databaseMeter } from "./database-meter.ts";
import { usageBy, type UsageSum } from "./read-usage-rows.ts";

/** Noon of 24 November 2026, UTC. */
export const noon: Date = new Date("2026-11-24T12:00:00Z");

/** A gateway that counts in its database, at noon of 24 November 2026 (UTC). */
export const counted = async (
  limits: object = {},
  answer: Answering = answering(20, 30),
  more: Partial<GatewayOptions> = {},
): Promise<GatewayFixture> => {
  const fixture = await gatewayFixture(answer, more, ({ loop }) =>
    databaseMeter({ db: loop, prices: () => readPrices(fixture.dataDir), now: () => noon }),
  );
  const config = { agent_group_id: "ag-1", cli_scope: "group", generation: 1, updated_at: "2026" };
  await fixture.central.db
    .insertInto("container_configs")
    .values({ ...config, timezone: "UTC", ...limits } as never)
    .execute();
  return fixture;
};

/** A price of 2 for an input token in a million, 10 for an output token, 0.2 and 2.5 for the cache. */
export const sonnet: ModelPrice = {
  model: "claude-sonnet-4-5",
  aliases: ["claude-sonnet-latest"],
  input: 2,
  output: 10,
  cacheRead: 0.2,
  cacheWrite: 2.5,
};

/** Sets the prices of `sonnet`, in USD. */
export const priced = async ({ dataDir }: Pick<GatewayFixture, "dataDir">): Promise<void> => {
  const set = await setPrice(dataDir, sonnet, "USD");
  if (!set.ok) throw new Error(set.error.code);
};

/** Lets the agent work on the first message of a batch, which a person has sent. */
export const workFor = async (
  { central: { db } }: Pick<GatewayFixture, "central">,
  sender: string,
  more: object = {},
): Promise<void> => {
  await addRow(db, "session_messages_in", {
    session_id: "se-1",
    id: `m-of-${sender}`,
    content: JSON.stringify({ text: "Hi", sender }),
    status: "pending",
    trigger: 1,
    claimed_at: "2026",
    claimed_by: 1,
    batch: "b-1",
    batch_place: 0,
    ...more,
  });
};

/** The machine's timezone for one test. */
export const inTimezone = (name: string): void => {
  const before = process.env["TZ"];
  process.env["TZ"] = name;
  onTestFinished(() => {
    if (before === undefined) delete process.env["TZ"];
    else process.env["TZ"] = before;
  });
};

export const answering =
  (input_tokens: number, output_tokens: number): Answering =>
  (_, response) => {
    response.writeHead(200, { "content-type": "application/json" });
    response.end(JSON.stringify({ usage: { input_tokens, output_tokens } }));
  };

type Sums = {
  readonly day: string;
  readonly requests: number;
  readonly tokens: number;
  readonly cost: number;
};

/** The sums of the group's days. */
export const days = ({ central }: Pick<GatewayFixture, "central">): Promise<readonly Sums[]> =>
  central.db.selectFrom("usage_days").selectAll().execute();

/** The sums of the persons' days. */
export const personDays = ({
  central,
}: Pick<GatewayFixture, "central">): Promise<readonly (Sums & { readonly user_id: string })[]> =>
  central.db.selectFrom("usage_person_days").selectAll().orderBy("user_id").execute();

/** The notices for the owners. */
export const notices = async ({ central }: Pick<GatewayFixture, "central">): Promise<readonly string[]> =>
  (await central.db.selectFrom("owner_notices").select("text").orderBy("id").execute()).map(
    ({ text }) => text,
  );

export const rows = ({ central }: Pick<GatewayFixture, "central">): Promise<readonly UsageSum[]> =>
  usageBy(central.reading, "group");
