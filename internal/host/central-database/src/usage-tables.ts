/** A session's usage of a model on one day. */
type UsageRow = {
  agent_group_id: string;
  /** YYYY-MM-DD in the group's timezone. */
  day: string;
  session_id: string;
  /** The person whose message was in work; empty without one. */
  user_id: string;
  /** The vendor: `anthropic`, `openai` or `google`. */
  provider: string;
  model: string;
  requests: number;
  input_tokens: number;
  output_tokens: number;
  /** Millionths of the currency, of the requests with a price; null without such a request. */
  cost: number | null;
  /** The requests whose price was known. */
  priced_requests: number;
};

/** The sums of a day, reservations included. `cost`: millionths of the currency. */
type DaySums = { day: string; requests: number; tokens: number; cost: number };

/** The sums of a group's day. */
type UsageDayRow = DaySums & { agent_group_id: string };

/** The sums of a person's day, in the timezone of the host. */
type UsagePersonDayRow = DaySums & { user_id: string };

/** The limits of a person's day. `max_cost_per_day`: in the currency of the operator's prices. */
export type PersonLimits = {
  max_requests_per_day: number | null;
  max_tokens_per_day: number | null;
  max_cost_per_day: number | null;
};

/** A sentence for the owners of the host; `told_at` is null until one of them has it. */
type OwnerNoticeRow = { id: string; text: string; created_at: string; told_at: string | null };

/** The tables of what agents used, and of what owners are told about it. */
export type UsageTables = {
  usage: UsageRow;
  usage_days: UsageDayRow;
  usage_person_days: UsagePersonDayRow;
  owner_notices: OwnerNoticeRow;
};
