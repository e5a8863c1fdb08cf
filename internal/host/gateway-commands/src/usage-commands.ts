import { done, type CommandContext, type ReadContext } from "@gatehouse/command-context";
import { limitsToday, usageByDay, type DailyBy } from "@gatehouse/gateway";
import { readPrices } from "@gatehouse/gateway/prices";
import { defineCommand, type Command } from "@nc/cli-scope";

type UsageSource = { readonly db: Parameters<typeof usageByDay>[0]; readonly dataDir: string };

const dayMs = 86_400_000;

/** How many days are listed by default, and at most. */
const [usualDays, mostDays] = [30, 366];

/** `ncl usage list` and `ncl usage limits`: what each group used on a day, and the limits of the present day. */
export const usageCommands = ({
  db,
  dataDir,
}: UsageSource): readonly Command<CommandContext, ReadContext>[] => {
  const currencyNow = async (): Promise<string | null> => {
    const prices = await readPrices(dataDir);
    return prices.ok ? (prices.value?.currency ?? null) : null;
  };
  const signature = { resource: null, effect: "read", access: "operator", reach: "host" } as const;
  return [
    defineCommand({
      ...signature,
      words: "usage list",
      description: "List how much each group, person or model used on each day, the oldest day first.",
      examples: ["usage list", "usage list --days 90", "usage list --by person"],
      flags: [
        {
          name: "days",
          type: "integer",
          description: `The number of days up to now; ${usualDays} if not given.`,
          min: 1,
          max: mostDays,
        },
        {
          name: "by",
          type: "string",
          description: "Whose usage is summed; group if not given.",
          values: ["group", "person", "model"],
        },
      ],
      run: async ({ days = usualDays, by = "group" }, { context }) => {
        const first = new Date(Date.parse(context.now()) - (days - 1) * dayMs);
        const rows = await usageByDay(db, first.toISOString().slice(0, 10), by as DailyBy);
        const currency = await currencyNow();
        return done(
          rows.map(({ day, name, key, requests, inputTokens, outputTokens, cost, unpricedRequests }) => ({
            day,
            [by]: name ?? key,
            requests,
            input_tokens: inputTokens,
            output_tokens: outputTokens,
            cost,
            currency,
            unpriced_requests: unpricedRequests,
            ...(by === "group" ? { agent_group_id: key } : by === "person" ? { user_id: key } : {}),
          })),
        );
      },
    }),
    defineCommand({
      ...signature,
      words: "usage limits",
      description: "List the limits of each group's day, with what is used of them, reservations included.",
      examples: ["usage limits"],
      flags: [],
      run: async (_args, { context }) => {
        const limits = await limitsToday(db, "group", new Date(context.now()));
        const currency = await currencyNow();
        return done(
          limits.map(({ name, limit, day, used, most, key }) => ({
            group: name,
            limit,
            day,
            used,
            most,
            currency: limit === "max_cost_per_day" ? currency : null,
            agent_group_id: key,
          })),
        );
      },
    }),
  ];
};
